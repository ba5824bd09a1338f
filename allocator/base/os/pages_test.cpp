#include "allocator/base/os/pages.h"

#include <gtest/gtest.h>

#include "allocator/base/bytes.h"

namespace vkmembench {
namespace {

TEST(Pages, AreZeroedAndWritable) {
  constexpr std::size_t kSize = 16 * kMiB;
  std::byte* pages = take_pages(kSize);
  ASSERT_NE(pages, nullptr);
  for (const std::size_t at : {std::size_t{0}, kSize / 2, kSize - 1}) {
    EXPECT_EQ(pages[at], std::byte{0}) << at;
    pages[at] = std::byte{7};
    EXPECT_EQ(pages[at], std::byte{7}) << at;
  }
  want_large_pages(pages, kSize);
  EXPECT_EQ(pages[kSize - 1], std::byte{7});
  give_pages_back(pages, kSize);
}

TEST(Pages, OfAWholeAddressSpaceAreNotThere) { EXPECT_EQ(take_pages(std::size_t{1} << 60), nullptr); }

}  // namespace
}  // namespace vkmembench
