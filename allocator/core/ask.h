#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>

#include "allocator/core/image_descriptions.h"
#include "allocator/core/pools/allocation_record.h"
#include "allocator/core/pools/memory_source.h"
#include "allocator/core/requirements.h"
#include "allocator/seam/memory_request.h"

namespace vkmembench {

// The memory that one resource is to get.
struct Ask {
  Requirements requirements;
  const MemoryRequest& request;
  MemoryFor memory;      // of its own, if it gets that
  bool optimal = false;  // an image with optimal tiling
  Bytes expected = 0;    // with what follows of a batch
};

// What memory of a resource's own is for.
[[nodiscard]] inline MemoryFor memory_for(const MemoryRequest& request, VkBuffer buffer) {
  return {buffer, VK_NULL_HANDLE, request.priority, request.export_handles};
}
[[nodiscard]] inline MemoryFor memory_for(const MemoryRequest& request, VkImage image) {
  return {VK_NULL_HANDLE, image, request.priority, request.export_handles};
}

// What is known of a resource when it is made, in this frame.
[[nodiscard]] AllocationRecord record_for(const MemoryRequest& request, std::uint64_t resource, std::uint32_t frame);
[[nodiscard]] AllocationRecord record_for(const MemoryRequest& request, VkBuffer buffer, const VkBufferCreateInfo& info,
                                          std::uint32_t frame);
[[nodiscard]] AllocationRecord record_for(const MemoryRequest& request, VkImage image, const VkImageCreateInfo& info,
                                          std::uint32_t frame, ImageDescriptions& images);

}  // namespace vkmembench
