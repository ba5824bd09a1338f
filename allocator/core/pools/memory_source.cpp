#include "allocator/core/pools/memory_source.h"

namespace vkmembench {

MemorySource::MemorySource(const Device& device, MemoryBudget& budget) : device_(device), budget_(budget) {}

void MemorySource::refresh_budget() {
  if (!device_.info->has_memory_budget || device_.fn.get_physical_device_memory_properties2 == nullptr) return;
  VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{};
  budget.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT;
  VkPhysicalDeviceMemoryProperties2 properties{};
  properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2;
  properties.pNext = &budget;
  device_.fn.get_physical_device_memory_properties2(device_.physical, &properties);
  for (std::uint32_t heap = 0; heap < device_.info->memory.memoryHeapCount; ++heap)
    budget_.set_budget(heap, usable_budget(budget.heapBudget[heap], device_.info->memory.memoryHeaps[heap].size));
}

Expected<VkDeviceMemory> MemorySource::allocate(std::uint32_t memory_type, Bytes size, bool within_budget,
                                                const MemoryFor& purpose) {
  if (within_budget) refresh_budget();
  const std::uint32_t heap = heap_of(memory_type);
  if (size > device_.info->memory.memoryHeaps[heap].size) return VK_ERROR_OUT_OF_DEVICE_MEMORY;  // invalid to ask for
  if (const VkResult booked = budget_.take(heap, size, within_budget); booked != VK_SUCCESS) return booked;

  const MemoryInfo info(*device_.info, size, memory_type, purpose);
  VkDeviceMemory memory = VK_NULL_HANDLE;
  const VkResult result = device_.fn.allocate_memory(device_.handle, &info.get(), nullptr, &memory);
  if (result != VK_SUCCESS) {
    budget_.not_taken(heap, size, result);
    return result;
  }
  budget_.taken(heap);
  return memory;
}

void MemorySource::free(VkDeviceMemory memory, std::uint32_t memory_type, Bytes size) {
  device_.fn.free_memory(device_.handle, memory, nullptr);
  budget_.give(heap_of(memory_type), size);
}

}  // namespace vkmembench
