#include "allocator/base/suggest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace vkmembench {
namespace {

TEST(DidYouMean, NamesTheNearestWord) {
  constexpr std::array<std::string_view, 3> kWords = {"generator", "frames", "scale"};
  EXPECT_EQ(did_you_mean("generater", kWords), " (did you mean 'generator'?)");
  EXPECT_EQ(did_you_mean("frame", kWords), " (did you mean 'frames'?)");
  EXPECT_EQ(did_you_mean("zzzzzzzz", kWords), "");
  EXPECT_EQ(did_you_mean("scale", {}), "");
}

TEST(KnownWords, ListsThemAfterTheNearest) {
  constexpr std::array<std::string_view, 3> kWords = {"generator", "frames", "scale"};
  EXPECT_EQ(known_words("frame", kWords), " (did you mean 'frames'?); there are generator, frames and scale");
  EXPECT_EQ(known_words("zzzzzzzz", std::span(kWords).first(1)), "; there is generator");
  EXPECT_EQ(known_words("x", {}), "; there are none");
}

TEST(KnownWords, ListsTheNearestOfMany) {
  std::vector<std::string> texts;
  for (int i = 100; i < 160; ++i) texts.push_back("word" + std::to_string(i));
  const std::vector<std::string_view> words(texts.begin(), texts.end());
  EXPECT_EQ(known_words("word15", words),
            " (did you mean 'word105'?); the nearest of 60 are word105, word115, word125, word135, word145, word150, "
            "word151 and word152");
}

TEST(GlobMatch, StarsAndQuestionMarks) {
  EXPECT_TRUE(glob_match("core-*", "core-speed"));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("a*b*c", "axxbyyc"));
  EXPECT_TRUE(glob_match("v?a", "vma"));
  EXPECT_FALSE(glob_match("core-*", "vma"));
  EXPECT_FALSE(glob_match("a*b", "ac"));
  EXPECT_FALSE(glob_match("", "a"));
}

}  // namespace
}  // namespace vkmembench
