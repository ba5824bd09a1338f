#include "bench/replay/parts/sparse_pages.h"

#include <gtest/gtest.h>

#include <numeric>

#include "scenarios/recording/image_pages.h"

namespace vkmembench {
namespace {

const auto kMemory = reinterpret_cast<VkDeviceMemory>(std::uintptr_t{4096});  // NOLINT(performance-no-int-to-ptr)
constexpr Bytes kPage = 64 * kKiB;

// 300 x 200 texels of 4 bytes: mips of 3 x 2 and 2 x 1 pages, the others in a tail of one page a layer.
ImageRequest image() {
  ImageRequest request;
  request.extent = {300, 200, 1};
  request.mips = 9;
  request.layers = 2;
  return request;
}
VkSparseImageMemoryRequirements requirements(VkSparseImageFormatFlags flags = 0) {
  return {{VK_IMAGE_ASPECT_COLOR_BIT, {128, 128, 1}, flags}, 1, kPage, 1 << 20, 3 * kPage};
}
ImagePageBinds binds(std::uint64_t first, std::uint64_t count, VkSparseImageFormatFlags flags = 0) {
  return image_page_binds(image(), requirements(flags), kPage, first, count, kMemory, 10 * kPage);
}

TEST(SparsePages, AreCountedXFirst) {
  const ImagePageBinds some = binds(2, 2);
  ASSERT_EQ(some.texels.size(), 2u);
  EXPECT_TRUE(some.tail.empty());
  const VkSparseImageMemoryBind& right = some.texels[0];
  EXPECT_EQ(right.offset.x, 256);
  EXPECT_EQ(right.offset.y, 0);
  EXPECT_EQ(right.extent.width, 44u);  // to the edge
  EXPECT_EQ(right.extent.height, 128u);
  EXPECT_EQ(right.memoryOffset, 10 * kPage);
  const VkSparseImageMemoryBind& below = some.texels[1];
  EXPECT_EQ(below.offset.x, 0);
  EXPECT_EQ(below.offset.y, 128);
  EXPECT_EQ(below.extent.height, 72u);
  EXPECT_EQ(below.memoryOffset, 11 * kPage);
}

TEST(SparsePages, GoOnInTheNextLayerAndInTheTails) {
  const ImagePageBinds all = binds(0, 100);
  ASSERT_EQ(all.texels.size(), 12u);
  EXPECT_EQ(all.texels[6].subresource.arrayLayer, 1u);
  ASSERT_EQ(all.tail.size(), 2u);
  EXPECT_EQ(all.tail[0].resourceOffset, Bytes{1} << 20);
  EXPECT_EQ(all.tail[1].resourceOffset, (Bytes{1} << 20) + 3 * kPage);
  EXPECT_EQ(all.tail[0].memoryOffset, (10 + 12) * kPage);
  EXPECT_EQ(all.tail[1].memoryOffset, (10 + 13) * kPage);
}

TEST(SparsePages, HaveOneTailWhereTheDeviceSaysSo) {
  EXPECT_EQ(binds(0, 100, VK_SPARSE_IMAGE_FORMAT_SINGLE_MIPTAIL_BIT).tail.size(), 1u);
}

TEST(SparsePages, AreUnboundWithoutAPlaceInMemory) {
  const ImagePageBinds none = image_page_binds(image(), requirements(), kPage, 0, 1, VK_NULL_HANDLE, 10 * kPage);
  EXPECT_EQ(none.texels.front().memory, VkDeviceMemory{VK_NULL_HANDLE});
  EXPECT_EQ(none.texels.front().memoryOffset, 0u);
}

// A recording counts pages like a replay: what either says of any pages, the other takes for the same.
TEST(SparsePages, AreWhatARecordingMakesOfTheirBinds) {
  Shape shape;
  shape.image = true;
  shape.extent = image().extent;
  shape.mips = image().mips;
  shape.layers = image().layers;
  for (const VkSparseImageFormatFlags flags : {0u, std::uint32_t{VK_SPARSE_IMAGE_FORMAT_SINGLE_MIPTAIL_BIT}}) {
    const ImagePages pages{requirements(flags), kPage};
    const std::uint64_t whole = flags == 0 ? 14 : 13;
    for (std::uint64_t first = 0; first < whole; ++first) {
      for (std::uint64_t count = 1; first + count <= whole; ++count) {
        const ImagePageBinds some = binds(first, count, flags);
        std::vector<std::uint64_t> numbers;
        const auto add = [&](const std::vector<PageRun>& runs) {
          for (const PageRun& run : runs) {
            EXPECT_EQ(run.offset - 10 * kPage, run.at - first * kPage);
            for (Bytes at = 0; at < run.size; at += kPage) numbers.push_back((run.at + at) / kPage);
          }
        };
        for (const VkSparseImageMemoryBind& bind : some.texels) add(page_runs(shape, pages, bind));
        for (const VkSparseMemoryBind& bind : some.tail) add(page_runs(shape, pages, bind));
        std::vector<std::uint64_t> asked(count);
        std::iota(asked.begin(), asked.end(), first);
        ASSERT_EQ(numbers, asked);
      }
    }
  }
}

}  // namespace
}  // namespace vkmembench
