#include "scenarios/recording/image_pages.h"

#include <algorithm>

namespace vkmembench {
namespace {

// A mip in pages.
struct PageGrid {
  std::uint64_t columns = 0;
  std::uint64_t rows = 0;
  std::uint64_t slices = 0;
  [[nodiscard]] std::uint64_t count() const { return columns * rows * slices; }
};

PageGrid grid_of(const Shape& image, const ImagePages& pages, std::uint32_t mip) {
  const VkExtent3D& page = pages.requirements.formatProperties.imageGranularity;
  const auto count = [&](std::uint32_t texels, std::uint32_t side) {
    return (std::max(1u, texels >> mip) + std::uint64_t{side} - 1) / std::max(1u, side);
  };
  return {count(image.extent.width, page.width), count(image.extent.height, page.height),
          count(image.extent.depth, page.depth)};
}

std::uint32_t tail_mip(const Shape& image, const ImagePages& pages) {
  return std::min(pages.requirements.imageMipTailFirstLod, image.mips);
}

std::uint64_t pages_of_mips(const Shape& image, const ImagePages& pages, std::uint32_t end) {
  std::uint64_t count = 0;
  for (std::uint32_t mip = 0; mip < end; ++mip) count += grid_of(image, pages, mip).count();
  return count;
}

// Appends pages, to the last run where they go on from it.
void add(std::vector<PageRun>& runs, const PageRun& next) {
  if (!runs.empty() && runs.back().at + runs.back().size == next.at &&
      runs.back().offset + runs.back().size == next.offset)
    runs.back().size += next.size;
  else
    runs.push_back(next);
}

}  // namespace

std::vector<PageRun> page_runs(const Shape& image, const ImagePages& pages, const VkSparseImageMemoryBind& bind) {
  const VkExtent3D& page = pages.requirements.formatProperties.imageGranularity;
  const std::uint32_t mip = bind.subresource.mipLevel;
  const std::uint32_t layer = bind.subresource.arrayLayer;
  if (mip >= tail_mip(image, pages) || layer >= image.layers) return {};
  const PageGrid grid = grid_of(image, pages, mip);
  const std::uint64_t first =
      layer * pages_of_mips(image, pages, tail_mip(image, pages)) + pages_of_mips(image, pages, mip);
  const auto begin = [](std::int32_t texel, std::uint32_t side) {
    return static_cast<std::uint32_t>(std::max(0, texel)) / std::max(1u, side);
  };
  const auto count = [](std::uint32_t texels, std::uint32_t side) {
    return (texels + std::uint64_t{side} - 1) / std::max(1u, side);
  };
  const std::uint64_t left = begin(bind.offset.x, page.width);
  const std::uint64_t top = begin(bind.offset.y, page.height);
  const std::uint64_t front = begin(bind.offset.z, page.depth);
  const PageGrid bound{count(bind.extent.width, page.width), count(bind.extent.height, page.height),
                       count(bind.extent.depth, page.depth)};
  if (left + bound.columns > grid.columns || top + bound.rows > grid.rows || front + bound.slices > grid.slices)
    return {};
  std::vector<PageRun> runs;
  Offset offset = bind.memoryOffset;
  for (std::uint64_t z = front; z < front + bound.slices; ++z) {
    for (std::uint64_t y = top; y < top + bound.rows; ++y) {
      const std::uint64_t number = first + (z * grid.rows + y) * grid.columns + left;
      add(runs, {number * pages.page, bound.columns * pages.page, offset});
      offset += bound.columns * pages.page;
    }
  }
  return runs;
}

std::vector<PageRun> page_runs(const Shape& image, const ImagePages& pages, const VkSparseMemoryBind& bind) {
  const VkSparseImageMemoryRequirements& requirements = pages.requirements;
  const std::uint32_t mips = tail_mip(image, pages);
  if (mips == image.mips) return {};
  const bool is_single = (requirements.formatProperties.flags & VK_SPARSE_IMAGE_FORMAT_SINGLE_MIPTAIL_BIT) != 0;
  const Bytes tail_size = requirements.imageMipTailSize / pages.page * pages.page;
  Offset tail_at = image.layers * pages_of_mips(image, pages, mips) * pages.page;
  std::vector<PageRun> runs;
  for (std::uint32_t layer = 0; layer < (is_single ? 1 : image.layers); ++layer) {
    const Offset begin = requirements.imageMipTailOffset + layer * requirements.imageMipTailStride;
    const Offset from = std::max(begin, bind.resourceOffset);
    const Offset end = std::min(begin + tail_size, bind.resourceOffset + bind.size);
    if (from < end) add(runs, {tail_at + (from - begin), end - from, bind.memoryOffset + (from - bind.resourceOffset)});
    tail_at += tail_size;
  }
  return runs;
}

}  // namespace vkmembench
