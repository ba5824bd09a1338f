#include "bench/replay/parts/sparse_pages.h"

#include <algorithm>

namespace vkmembench {
namespace {

constexpr std::uint32_t divide_up(std::uint32_t value, std::uint32_t divisor) {
  return (value + divisor - 1) / divisor;
}

// Walks runs of pages in their order, and tells which of those that are asked for lie in a run.
class PageRange {
 public:
  PageRange(std::uint64_t first, std::uint64_t count) : first_(first), end_(first + count) {}

  // Calls visit(page of the run, page of the range) for those of the next `pages` pages that are in the range.
  template <typename Visit>
  void next(std::uint64_t pages, const Visit& visit) {
    const std::uint64_t begin = std::max(first_, walked_);
    const std::uint64_t end = std::min(end_, walked_ + pages);
    for (std::uint64_t page = begin; page < end; ++page) visit(page - walked_, page - first_);
    walked_ += pages;
  }

 private:
  std::uint64_t first_;
  std::uint64_t end_;
  std::uint64_t walked_ = 0;
};

}  // namespace

ImagePageBinds image_page_binds(const ImageRequest& image, const VkSparseImageMemoryRequirements& requirements,
                                Bytes page, std::uint64_t first, std::uint64_t count, VkDeviceMemory memory,
                                Offset offset) {
  ImagePageBinds binds;
  PageRange range(first, count);
  const auto place = [&](std::uint64_t in_range) { return memory == VK_NULL_HANDLE ? 0 : offset + in_range * page; };
  const VkExtent3D& size = requirements.formatProperties.imageGranularity;
  const std::uint32_t tail_mip = std::min(requirements.imageMipTailFirstLod, image.mips);
  for (std::uint32_t layer = 0; layer < image.layers; ++layer) {
    for (std::uint32_t mip = 0; mip < tail_mip; ++mip) {
      const VkExtent3D extent{std::max(1u, image.extent.width >> mip), std::max(1u, image.extent.height >> mip),
                              std::max(1u, image.extent.depth >> mip)};
      const std::uint64_t columns = divide_up(extent.width, size.width);
      const std::uint64_t rows = divide_up(extent.height, size.height);
      range.next(columns * rows * divide_up(extent.depth, size.depth), [&](std::uint64_t n, std::uint64_t in_range) {
        const auto x = static_cast<std::uint32_t>(n % columns) * size.width;
        const auto y = static_cast<std::uint32_t>(n / columns % rows) * size.height;
        const auto z = static_cast<std::uint32_t>(n / columns / rows) * size.depth;
        binds.texels.push_back(
            {{requirements.formatProperties.aspectMask, mip, layer},
             {static_cast<std::int32_t>(x), static_cast<std::int32_t>(y), static_cast<std::int32_t>(z)},
             {std::min(size.width, extent.width - x), std::min(size.height, extent.height - y),
              std::min(size.depth, extent.depth - z)},
             memory,
             place(in_range),
             0});
      });
    }
  }
  if (tail_mip == image.mips) return binds;
  const bool single = (requirements.formatProperties.flags & VK_SPARSE_IMAGE_FORMAT_SINGLE_MIPTAIL_BIT) != 0;
  for (std::uint32_t layer = 0; layer < (single ? 1 : image.layers); ++layer) {
    const Offset begin = requirements.imageMipTailOffset + layer * requirements.imageMipTailStride;
    range.next(requirements.imageMipTailSize / page, [&](std::uint64_t n, std::uint64_t in_range) {
      binds.tail.push_back({begin + n * page, page, memory, place(in_range), 0});
    });
  }
  return binds;
}

}  // namespace vkmembench
