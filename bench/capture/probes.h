#pragma once

#include "allocator/device/device.h"
#include "bench/capture/meter.h"

namespace vkmembench {

// Throws Error when a call of a probe failed, which `what` names.
void require_success(const Device& device, VkResult result, const char* what);
// Whether any resource may lie in memory of the type: it is neither protected nor lazily allocated.
[[nodiscard]] bool is_for_anybody(const VkPhysicalDeviceMemoryProperties& memory, std::uint32_t type);
// Memory of the first such type of the bits. Throws Error where none is to be had.
[[nodiscard]] VkDeviceMemory memory_for(const Device& device, const VkMemoryRequirements& needs);

// What command buffers, fences, submissions, waits and copies take; then descriptors. Both throw Error when the device
// is lost or fails a call.
void measure_commands(const Device& device, Meter& meter);
void measure_descriptors(const Device& device, Meter& meter);

}  // namespace vkmembench
