#pragma once

#include "allocator/device/device.h"
#include "bench/capture/meter.h"

namespace vkmembench {

// Throws Error when a call of a probe failed, which `what` names.
void require_success(const Device& device, VkResult result, const char* what);
// Whether any resource may lie in memory of the type: it is neither protected nor lazily allocated.
[[nodiscard]] bool is_for_anybody(const VkPhysicalDeviceMemoryProperties& memory, std::uint32_t type);
// Memory of the first such type of the bits, of one local to the device where it has room. Throws Error where none is
// to be had.
[[nodiscard]] VkDeviceMemory memory_for(const Device& device, const VkMemoryRequirements& needs,
                                        const VkMemoryDedicatedAllocateInfo* owner = nullptr);

// What allocating, freeing and mapping take, by size and whether the memory of the type is one resource's alone; what
// making, asking about, binding and destroying buffers and images take; command buffers, fences, submissions, waits and
// copies; descriptors. All throw Error when the device is lost or fails a call.
void measure_memory(const Device& device, std::uint32_t type, Meter& meter);
void measure_resources(const Device& device, Meter& meter);
void measure_commands(const Device& device, Meter& meter);
void measure_descriptors(const Device& device, Meter& meter);

}  // namespace vkmembench
