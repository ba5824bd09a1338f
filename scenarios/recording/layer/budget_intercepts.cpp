// What a program is told of budgets, be it for all of a physical device's devices.

#include <mutex>

#include "scenarios/recording/layer/noting.h"

namespace vkmembench {
namespace {

const VkPhysicalDeviceMemoryBudgetPropertiesEXT* find_budget(const VkPhysicalDeviceMemoryProperties2& properties) {
  for (auto* next = static_cast<const VkBaseOutStructure*>(properties.pNext); next != nullptr; next = next->pNext)
    if (next->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT)
      return reinterpret_cast<const VkPhysicalDeviceMemoryBudgetPropertiesEXT*>(next);
  return nullptr;
}

}  // namespace

VKAPI_ATTR void VKAPI_CALL intercept_get_physical_device_memory_properties2(
    VkPhysicalDevice physical, VkPhysicalDeviceMemoryProperties2* properties) {
  const LayeredInstance& instance = *layered_instances().find(LiveList<LayeredInstance>::key_of(physical));
  instance.next.get_physical_device_memory_properties2(physical, properties);
  const VkPhysicalDeviceMemoryBudgetPropertiesEXT* budget = find_budget(*properties);
  if (budget == nullptr) return;
  const std::lock_guard lock(layered_devices_mutex());
  layered_devices().for_each([&](LayeredDevice& device) {
    for (std::uint32_t heap = 0; device.physical == physical && heap < properties->memoryProperties.memoryHeapCount;
         ++heap)
      note(device,
           [&] { return CapturedCall{.kind = CallKind::budget, .number = heap, .size = budget->heapBudget[heap]}; });
  });
}

}  // namespace vkmembench
