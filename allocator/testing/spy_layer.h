#pragma once

#include <cstdint>
#include <vector>

#include "allocator/device/layers/layer.h"

namespace vkmembench {

// Notes what memory calls say. For tests on one thread.
class SpyLayer : public Layer<SpyLayer> {
 public:
  using Layer::Layer;
  std::uint64_t beyond_their_heap = 0;  // calls of vkAllocateMemory that Vulkan forbids
  std::vector<VkMappedMemoryRange> flushed;

  [[nodiscard]] static constexpr bool intercepts(EntryPoint entry) {
    return entry == EntryPoint::allocate_memory || entry == EntryPoint::flush_mapped_memory_ranges;
  }
  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&... args) {
    if constexpr (E == EntryPoint::flush_mapped_memory_ranges) note_flush(args...);
    if constexpr (E == EntryPoint::allocate_memory) note_allocation(args...);
    return call();
  }

 private:
  void note_allocation(const VkMemoryAllocateInfo* info, const VkAllocationCallbacks*, VkDeviceMemory*) {
    const VkPhysicalDeviceMemoryProperties& memory = next().info->memory;
    const std::uint32_t heap = memory.memoryTypes[info->memoryTypeIndex].heapIndex;
    if (info->allocationSize > memory.memoryHeaps[heap].size) ++beyond_their_heap;
  }
  void note_flush(std::uint32_t count, const VkMappedMemoryRange* ranges) {
    flushed.insert(flushed.end(), ranges, ranges + count);
  }
};

}  // namespace vkmembench
