#include "allocator/device/layers/limits_layer.h"

#include "allocator/device/chain.h"

namespace vkmembench {

LimitsLayer::LimitsLayer(const Device& next, BudgetSource source) : Layer(next), source_(source) {
  for (std::size_t heap = 0; heap < budgets_.size(); ++heap) budgets_[heap] = next.info->budgets[heap];
}

VkResult LimitsLayer::reserve(const VkMemoryAllocateInfo& info) {
  const DeviceInfo& device = *next().info;
  if (info.allocationSize > device.max_memory_allocation_size) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  if (count_.fetch_add(1) >= device.limits.maxMemoryAllocationCount) {
    count_.fetch_sub(1);
    return VK_ERROR_TOO_MANY_OBJECTS;
  }
  const std::uint32_t heap = device.memory.memoryTypes[info.memoryTypeIndex].heapIndex;
  const Bytes before = usage_[heap].fetch_add(info.allocationSize);
  if (before + info.allocationSize > device.memory.memoryHeaps[heap].size) {
    usage_[heap].fetch_sub(info.allocationSize);
    count_.fetch_sub(1);
    return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  }
  return VK_SUCCESS;
}

void LimitsLayer::settle(const VkMemoryAllocateInfo& info, VkResult result, VkDeviceMemory memory) {
  const std::uint32_t heap = next().info->memory.memoryTypes[info.memoryTypeIndex].heapIndex;
  if (result != VK_SUCCESS) {
    usage_[heap].fetch_sub(info.allocationSize);
    count_.fetch_sub(1);
    return;
  }
  const std::lock_guard lock(mutex_);
  objects_[memory] = {info.allocationSize, heap};
}

void LimitsLayer::forget(VkDeviceMemory memory, const VkAllocationCallbacks*) {
  if (memory == VK_NULL_HANDLE) return;
  Object object{};
  {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(memory);
    VKMEMBENCH_CHECK(found != objects_.end(), "freed memory was not allocated through this layer");
    object = found->second;
    objects_.erase(found);
  }
  usage_[object.heap].fetch_sub(object.size);
  count_.fetch_sub(1);
}

void LimitsLayer::answer_budget(VkPhysicalDeviceMemoryProperties2* properties) const {
  auto* budget = find_in_chain<VkPhysicalDeviceMemoryBudgetPropertiesEXT>(
      properties->pNext, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT);
  if (budget == nullptr) return;
  for (std::uint32_t heap = 0; heap < properties->memoryProperties.memoryHeapCount; ++heap) {
    if (source_ == BudgetSource::fixed) budget->heapBudget[heap] = this->budget(heap);
    budget->heapUsage[heap] = usage(heap);
  }
}

}  // namespace vkmembench
