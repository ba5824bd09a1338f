#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>

#include "allocator/base/expected.h"
#include "allocator/device/device.h"

namespace vkmembench {

// Buffers and images by one kind of number, for tables that hold either.

// NOLINTBEGIN(performance-no-int-to-ptr): Vulkan's handles are integers by nature
[[nodiscard]] inline VkBuffer buffer_of(std::uint64_t resource) { return reinterpret_cast<VkBuffer>(resource); }
[[nodiscard]] inline VkImage image_of(std::uint64_t resource) { return reinterpret_cast<VkImage>(resource); }
// NOLINTEND(performance-no-int-to-ptr)

// Refuses with VK_ERROR_OUT_OF_DEVICE_MEMORY what Vulkan forbids to ask the driver for: a buffer beyond maxBufferSize.
[[nodiscard]] inline Expected<std::uint64_t> create_resource(const Device& device, const VkBufferCreateInfo& info) {
  if (info.size > device.info->max_buffer_size) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  VkBuffer buffer = VK_NULL_HANDLE;
  const VkResult result = device.fn.create_buffer(device.handle, &info, nullptr, &buffer);
  if (result != VK_SUCCESS) return result;
  return reinterpret_cast<std::uint64_t>(buffer);
}
[[nodiscard]] inline Expected<std::uint64_t> create_resource(const Device& device, const VkImageCreateInfo& info) {
  VkImage image = VK_NULL_HANDLE;
  const VkResult result = device.fn.create_image(device.handle, &info, nullptr, &image);
  if (result != VK_SUCCESS) return result;
  return reinterpret_cast<std::uint64_t>(image);
}
inline void destroy_resource(const Device& device, std::uint64_t resource, bool image) {
  if (image)
    device.fn.destroy_image(device.handle, image_of(resource), nullptr);
  else
    device.fn.destroy_buffer(device.handle, buffer_of(resource), nullptr);
}
[[nodiscard]] inline VkMemoryRequirements requirements_of(const Device& device, std::uint64_t resource, bool image) {
  VkMemoryRequirements requirements{};
  if (image)
    device.fn.get_image_memory_requirements(device.handle, image_of(resource), &requirements);
  else
    device.fn.get_buffer_memory_requirements(device.handle, buffer_of(resource), &requirements);
  return requirements;
}
struct ResourceNeeds {
  VkMemoryRequirements memory{};
  bool dedicated = false;  // memory of its own, which nothing else shares
};
// What the device requires for a resource, in one call.
[[nodiscard]] inline ResourceNeeds needs_of(const Device& device, std::uint64_t resource, bool image) {
  if (!device.info->has_dedicated_allocation || device.fn.get_buffer_memory_requirements2 == nullptr ||
      device.fn.get_image_memory_requirements2 == nullptr)
    return {requirements_of(device, resource, image)};
  VkMemoryDedicatedRequirements dedicated{};
  dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_REQUIREMENTS;
  VkMemoryRequirements2 answer{};
  answer.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2;
  answer.pNext = &dedicated;
  if (image) {
    const VkImageMemoryRequirementsInfo2 info{VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2, nullptr,
                                              image_of(resource)};
    device.fn.get_image_memory_requirements2(device.handle, &info, &answer);
  } else {
    const VkBufferMemoryRequirementsInfo2 info{VK_STRUCTURE_TYPE_BUFFER_MEMORY_REQUIREMENTS_INFO_2, nullptr,
                                               buffer_of(resource)};
    device.fn.get_buffer_memory_requirements2(device.handle, &info, &answer);
  }
  return {answer.memoryRequirements, dedicated.requiresDedicatedAllocation != VK_FALSE};
}
[[nodiscard]] inline VkResult bind_resource(const Device& device, std::uint64_t resource, bool image,
                                            VkDeviceMemory memory, VkDeviceSize offset) {
  return image ? device.fn.bind_image_memory(device.handle, image_of(resource), memory, offset)
               : device.fn.bind_buffer_memory(device.handle, buffer_of(resource), memory, offset);
}

}  // namespace vkmembench
