#pragma once

#include <vulkan/vulkan_core.h>

#include <vector>

#include "allocator/base/bytes.h"
#include "scenarios/trace/shape.h"

namespace vkmembench {

// How a sparse image that is bound by its texels has pages.
struct ImagePages {
  VkSparseImageMemoryRequirements requirements{};
  Bytes page = 0;  // 0: the image is none
};

// Pages of a sparse resource that follow each other in memory too.
struct PageRun {
  Offset at = 0;  // in the resource, whose pages a trace counts mip after mip of a layer, then those of the mip tails
  Bytes size = 0;
  Offset offset = 0;  // in memory
};

// The pages that a bind of texels covers, whose blocks lie in memory x first. Those that the image does not have are
// left out. Requires pages.
[[nodiscard]] std::vector<PageRun> page_runs(const Shape& image, const ImagePages& pages,
                                             const VkSparseImageMemoryBind& bind);
// Likewise a bind of bytes, which are those of mip tails.
[[nodiscard]] std::vector<PageRun> page_runs(const Shape& image, const ImagePages& pages,
                                             const VkSparseMemoryBind& bind);

}  // namespace vkmembench
