#pragma once

#include <vulkan/vulkan_core.h>

#include <algorithm>

#include "allocator/base/bytes.h"
#include "allocator/device/device.h"

namespace vkmembench {

// What vkFlushMappedMemoryRanges and its twin are told of [offset, offset + size) of a memory of `whole` bytes: grown
// outwards to nonCoherentAtomSize, or to the end of the memory. Requires a memory that is mapped whole.
[[nodiscard]] inline VkMappedMemoryRange mapped_range(const DeviceInfo& device, VkDeviceMemory memory, Offset offset,
                                                      Bytes size, Bytes whole) {
  const Bytes atom = std::max<Bytes>(device.limits.nonCoherentAtomSize, 1);
  const Offset begin = align_down(offset, atom);
  const Offset end = align_up(offset + size, atom);
  return {VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, nullptr, memory, begin, end >= whole ? VK_WHOLE_SIZE : end - begin};
}

}  // namespace vkmembench
