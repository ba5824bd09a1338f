#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>

namespace vkmembench {

// What a trace calls the heap `device`, or `host`: the largest that is device-local, or is not; heap 0 where none is.
[[nodiscard]] inline std::uint32_t largest_heap(const VkPhysicalDeviceMemoryProperties& memory, bool device_local) {
  std::uint32_t best = 0;
  bool found = false;
  for (std::uint32_t heap = 0; heap < memory.memoryHeapCount; ++heap) {
    const bool local = (memory.memoryHeaps[heap].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0;
    if (local != device_local) continue;
    if (!found || memory.memoryHeaps[heap].size > memory.memoryHeaps[best].size) best = heap;
    found = true;
  }
  return best;
}

}  // namespace vkmembench
