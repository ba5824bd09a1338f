#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>

#include "allocator/device/device.h"

namespace vkmembench {

// Buffers and images by one kind of number, for books that hold either.

// NOLINTBEGIN(performance-no-int-to-ptr): Vulkan's handles are integers by nature
[[nodiscard]] inline VkBuffer buffer_of(std::uint64_t resource) { return reinterpret_cast<VkBuffer>(resource); }
[[nodiscard]] inline VkImage image_of(std::uint64_t resource) { return reinterpret_cast<VkImage>(resource); }
// NOLINTEND(performance-no-int-to-ptr)

inline void destroy_resource(const Device& device, std::uint64_t resource, bool image) {
  if (image)
    device.fn.destroy_image(device.handle, image_of(resource), nullptr);
  else
    device.fn.destroy_buffer(device.handle, buffer_of(resource), nullptr);
}
[[nodiscard]] inline VkResult bind_resource(const Device& device, std::uint64_t resource, bool image,
                                            VkDeviceMemory memory, VkDeviceSize offset) {
  return image ? device.fn.bind_image_memory(device.handle, image_of(resource), memory, offset)
               : device.fn.bind_buffer_memory(device.handle, buffer_of(resource), memory, offset);
}

}  // namespace vkmembench
