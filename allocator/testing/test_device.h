#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "allocator/device/layers/layer.h"
#include "allocator/device/simulated/simulated_device.h"

namespace vkmembench {

// Profiles for tests: each stands for a shape of memory, limits or features that real devices have.
[[nodiscard]] std::vector<DeviceProfile> test_profiles();
[[nodiscard]] DeviceProfile test_profile(const std::string& name);  // Requires a name of test_profiles().

// Counts the calls that make or bind something, and fails the one told to.
class FailingLayer : public Layer<FailingLayer> {
 public:
  using Layer::Layer;
  std::atomic<std::uint64_t> calls{0};
  std::uint64_t fail_at = ~std::uint64_t{0};  // counted from 0
  VkResult failure = VK_ERROR_OUT_OF_DEVICE_MEMORY;
  std::atomic<std::uint64_t> allocations{0};        // vkAllocateMemory
  std::atomic<std::uint64_t> beyond_their_heap{0};  // of these, what Vulkan forbids
  std::atomic<std::uint64_t> queries{0};            // of buffer requirements
  std::atomic<std::uint64_t> maps{0};
  std::vector<VkMappedMemoryRange> flushed;

  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(Call&& call, Args... args) {
    if constexpr (E == EntryPoint::get_buffer_memory_requirements || E == EntryPoint::get_buffer_memory_requirements2)
      ++queries;
    if constexpr (E == EntryPoint::flush_mapped_memory_ranges) note(args...);
    if constexpr (E == EntryPoint::allocate_memory) {
      ++allocations;
      note_allocation(args...);
    }
    if constexpr (E == EntryPoint::map_memory) ++maps;
    if constexpr (E == EntryPoint::allocate_memory || E == EntryPoint::create_buffer || E == EntryPoint::create_image ||
                  E == EntryPoint::bind_buffer_memory || E == EntryPoint::bind_buffer_memory2 ||
                  E == EntryPoint::bind_image_memory || E == EntryPoint::map_memory) {
      if (calls++ == fail_at) return failure;
    }
    return call();
  }

 private:
  void note_allocation(const VkMemoryAllocateInfo* info, const VkAllocationCallbacks*, VkDeviceMemory*) {
    const VkPhysicalDeviceMemoryProperties& memory = next().info->memory;
    const std::uint32_t heap = memory.memoryTypes[info->memoryTypeIndex].heapIndex;
    if (info->allocationSize > memory.memoryHeaps[heap].size) ++beyond_their_heap;
  }
  void note(std::uint32_t count, const VkMappedMemoryRange* ranges) {
    flushed.insert(flushed.end(), ranges, ranges + count);
  }
};

}  // namespace vkmembench
