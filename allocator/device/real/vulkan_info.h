#pragma once

#include "allocator/device/device.h"
#include "allocator/device/real/vulkan_loader.h"

namespace vkmembench {

// What a physical device says of itself, and which of its extensions and features open_vulkan_device() turns on.
[[nodiscard]] DeviceInfo describe_vulkan_device(const VulkanInstance& instance, VkPhysicalDevice physical);

}  // namespace vkmembench
