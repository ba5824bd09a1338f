#include "allocator/base/suggest.h"

#include <gtest/gtest.h>

#include <array>

namespace vkmembench {
namespace {

TEST(DidYouMean, NamesTheNearestWord) {
  constexpr std::array<std::string_view, 3> kWords = {"generator", "frames", "scale"};
  EXPECT_EQ(did_you_mean("generater", kWords), " (did you mean 'generator'?)");
  EXPECT_EQ(did_you_mean("frame", kWords), " (did you mean 'frames'?)");
  EXPECT_EQ(did_you_mean("zzzzzzzz", kWords), "");
  EXPECT_EQ(did_you_mean("scale", {}), "");
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
