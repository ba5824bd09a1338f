#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>

#include "allocator/base/expected.h"
#include "allocator/core/pools/memory_budget.h"
#include "allocator/device/device.h"
#include "allocator/device/memory_info.h"

namespace vkmembench {

// Makes and frees device memory objects, booked in a budget. Safe from any thread.
class MemorySource {
 public:
  // Requires a device and a budget that outlive it.
  MemorySource(const Device& device, MemoryBudget& budget);

  // The device's failure, or that of MemoryBudget::take(); VK_ERROR_OUT_OF_DEVICE_MEMORY for more than the heap.
  [[nodiscard]] Expected<VkDeviceMemory> allocate(std::uint32_t memory_type, Bytes size, bool within_budget,
                                                  const MemoryFor& purpose = {});
  void free(VkDeviceMemory memory, std::uint32_t memory_type, Bytes size);

  [[nodiscard]] const Device& device() const { return device_; }
  [[nodiscard]] MemoryBudget& budget() const { return budget_; }
  [[nodiscard]] std::uint32_t heap_of(std::uint32_t memory_type) const {
    return device_.info->memory.memoryTypes[memory_type].heapIndex;
  }
  [[nodiscard]] VkMemoryPropertyFlags flags_of(std::uint32_t memory_type) const {
    return device_.info->memory.memoryTypes[memory_type].propertyFlags;
  }

 private:
  void refresh_budget();

  Device device_;
  MemoryBudget& budget_;
};

}  // namespace vkmembench
