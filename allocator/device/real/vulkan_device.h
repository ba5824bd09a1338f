#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "allocator/device/device.h"
#include "allocator/device/real/vulkan_loader.h"

namespace vkmembench {

// The machine's Vulkan devices in the loader's order, or why there are none (one line with the remedy).
struct VulkanDevices {
  std::vector<DeviceInfo> infos;
  std::string reason;  // empty when there are devices
};
[[nodiscard]] VulkanDevices list_vulkan_devices(const char* library = kVulkanLoader);

// Opens the device of that index at the newest API version that loader, driver and we know, with memory budget,
// dedicated allocation, memory priority and maintenance4 where the device has them. Throws Error (no_device) when there
// is no such device or it does not open, and Error (bad_input) when the validation layer is wanted and not installed.
[[nodiscard]] std::unique_ptr<DeviceOwner> open_vulkan_device(std::size_t index, const VulkanOptions& options = {});

}  // namespace vkmembench
