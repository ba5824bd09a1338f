#pragma once

#include <memory>
#include <span>

#include "allocator/device/device.h"

namespace vkmembench {

// A VkDevice that an engine made itself, with what it turned on: nothing else of the device is used.
struct AdoptedDevice {
  PFN_vkGetInstanceProcAddr get_instance_proc = nullptr;
  VkInstance instance = VK_NULL_HANDLE;
  VkPhysicalDevice physical = VK_NULL_HANDLE;
  VkDevice handle = VK_NULL_HANDLE;
  VkQueue queue = VK_NULL_HANDLE;  // transfer-capable; externally synchronised
  std::uint32_t queue_family = 0;
  std::uint32_t api_version = VK_API_VERSION_1_0;  // that instance and device both have
  std::span<const char* const> extensions = {};    // ppEnabledExtensionNames of its VkDeviceCreateInfo
  const void* features = nullptr;                  // pNext of its VkDeviceCreateInfo
  const VkAllocationCallbacks* host = nullptr;
};

// The device as everything here sees one; it stays the engine's, who destroys it afterwards. Memory that buffers may
// lie in gets VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT where the feature bufferDeviceAddress is on, whether it comes from
// the core or an extension. Requires the handles to outlive it.
[[nodiscard]] std::unique_ptr<DeviceOwner> adopt_vulkan_device(const AdoptedDevice& adopted);

}  // namespace vkmembench
