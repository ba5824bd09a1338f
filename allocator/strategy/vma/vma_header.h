#pragma once

// VMA as this project uses it: every entry point comes from a DeviceTable, none from a loader. For .cpp files only; no
// public header includes it.
#define VMA_STATIC_VULKAN_FUNCTIONS 0
#define VMA_DYNAMIC_VULKAN_FUNCTIONS 0
#include <vk_mem_alloc.h>

#include "allocator/device/device.h"
#include "allocator/device/memory_info.h"

namespace vkmembench {

[[nodiscard]] inline VmaVulkanFunctions vma_functions(const DeviceTable& fn) {
  VmaVulkanFunctions vma{};
  vma.vkGetPhysicalDeviceProperties = fn.get_physical_device_properties;
  vma.vkGetPhysicalDeviceMemoryProperties = fn.get_physical_device_memory_properties;
  vma.vkAllocateMemory = fn.allocate_memory;
  vma.vkFreeMemory = fn.free_memory;
  vma.vkMapMemory = fn.map_memory;
  vma.vkUnmapMemory = fn.unmap_memory;
  vma.vkFlushMappedMemoryRanges = fn.flush_mapped_memory_ranges;
  vma.vkInvalidateMappedMemoryRanges = fn.invalidate_mapped_memory_ranges;
  vma.vkBindBufferMemory = fn.bind_buffer_memory;
  vma.vkBindImageMemory = fn.bind_image_memory;
  vma.vkGetBufferMemoryRequirements = fn.get_buffer_memory_requirements;
  vma.vkGetImageMemoryRequirements = fn.get_image_memory_requirements;
  vma.vkCreateBuffer = fn.create_buffer;
  vma.vkDestroyBuffer = fn.destroy_buffer;
  vma.vkCreateImage = fn.create_image;
  vma.vkDestroyImage = fn.destroy_image;
  vma.vkCmdCopyBuffer = fn.cmd_copy_buffer;
  vma.vkGetBufferMemoryRequirements2KHR = fn.get_buffer_memory_requirements2;
  vma.vkGetImageMemoryRequirements2KHR = fn.get_image_memory_requirements2;
  vma.vkBindBufferMemory2KHR = fn.bind_buffer_memory2;
  vma.vkBindImageMemory2KHR = fn.bind_image_memory2;
  vma.vkGetPhysicalDeviceMemoryProperties2KHR = fn.get_physical_device_memory_properties2;
  vma.vkGetDeviceBufferMemoryRequirements = fn.get_device_buffer_memory_requirements;
  vma.vkGetDeviceImageMemoryRequirements = fn.get_device_image_memory_requirements;
  return vma;
}

// How every VMA allocator of the project is made: at the device's API version, with each extension it offers.
// `functions` must live until vmaCreateAllocator returns.
[[nodiscard]] inline VmaAllocatorCreateInfo vma_allocator_info(const Device& device,
                                                               const VmaVulkanFunctions& functions) {
  VmaAllocatorCreateInfo info{};
  info.physicalDevice = device.physical;
  info.device = device.handle;
  info.instance = device.instance;
  info.pVulkanFunctions = &functions;
  info.vulkanApiVersion = device.info->api_version;
  if (device.info->has_dedicated_allocation) info.flags |= VMA_ALLOCATOR_CREATE_KHR_DEDICATED_ALLOCATION_BIT;
  if (device.info->has_memory_budget) info.flags |= VMA_ALLOCATOR_CREATE_EXT_MEMORY_BUDGET_BIT;
  if (device.info->has_memory_priority) info.flags |= VMA_ALLOCATOR_CREATE_EXT_MEMORY_PRIORITY_BIT;
  if (device.info->has(DeviceFeature::buffer_device_address))
    info.flags |= VMA_ALLOCATOR_CREATE_BUFFER_DEVICE_ADDRESS_BIT;
  if (device.info->has_maintenance4) info.flags |= VMA_ALLOCATOR_CREATE_KHR_MAINTENANCE4_BIT;
  return info;
}

}  // namespace vkmembench
