#pragma once

#include "allocator/device/device.h"

namespace vkmembench {

// The entry points of an open device, those that its version and extensions offer; the rest stay null.
[[nodiscard]] DeviceTable vulkan_functions(PFN_vkGetInstanceProcAddr get_instance_proc, VkInstance instance,
                                           VkDevice device, const DeviceInfo& info);

}  // namespace vkmembench
