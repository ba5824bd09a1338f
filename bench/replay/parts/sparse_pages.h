#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/seam/strategy.h"

namespace vkmembench {

// What vkQueueBindSparse is told of some pages of a sparse image.
struct ImagePageBinds {
  std::vector<VkSparseImageMemoryBind> texels;
  std::vector<VkSparseMemoryBind> tail;
};

// The binds of the pages [first, first + count) of an image that is bound by its texels, `page` bytes each and one
// after the other in memory from `offset` on; VK_NULL_HANDLE unbinds. Pages are counted mip after mip of a layer, x
// first, layer after layer; then those of the mips that share pages. Pages that the image does not have are left out.
[[nodiscard]] ImagePageBinds image_page_binds(const ImageRequest& image,
                                              const VkSparseImageMemoryRequirements& requirements, Bytes page,
                                              std::uint64_t first, std::uint64_t count, VkDeviceMemory memory,
                                              Offset offset);

}  // namespace vkmembench
