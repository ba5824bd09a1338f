#include "allocator/device/memory_use.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace vkmembench {
namespace {

// What serves only those who require it: it needs a device feature.
constexpr VkMemoryPropertyFlags kOnlyIfRequired = VK_MEMORY_PROPERTY_PROTECTED_BIT |
                                                  VK_MEMORY_PROPERTY_DEVICE_COHERENT_BIT_AMD |
                                                  VK_MEMORY_PROPERTY_DEVICE_UNCACHED_BIT_AMD;
// What serves only those who name it.
constexpr VkMemoryPropertyFlags kOnlyIfNamed = VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT;

MemoryTypeOrder order_for(const MemoryUseRule& rule, std::uint32_t types,
                          const VkPhysicalDeviceMemoryProperties& memory) {
  const VkMemoryPropertyFlags barred =
      (kOnlyIfRequired & ~rule.required) | (kOnlyIfNamed & ~(rule.required | rule.preferred));
  MemoryTypeOrder order;
  std::array<int, VK_MAX_MEMORY_TYPES> cost{};
  for (std::uint32_t type = 0; type < memory.memoryTypeCount; ++type) {
    const VkMemoryPropertyFlags flags = memory.memoryTypes[type].propertyFlags;
    if ((types >> type & 1u) == 0 || (flags & rule.required) != rule.required || (flags & barred) != 0) continue;
    cost[type] = std::popcount(rule.preferred & ~flags) + std::popcount(rule.unwanted & flags);
    order.types[order.count++] = static_cast<std::uint8_t>(type);
  }
  std::sort(order.types.begin(), order.types.begin() + order.count,
            [&](std::uint8_t a, std::uint8_t b) { return std::pair(cost[a], a) < std::pair(cost[b], b); });
  return order;
}

}  // namespace

MemoryTypeOrders order_memory_types(const VkPhysicalDeviceMemoryProperties& memory) {
  MemoryTypeOrders orders;
  for (std::size_t use = 0; use < kMemoryUseCount; ++use) orders[use] = order_for(kMemoryUseRules[use], ~0u, memory);
  return orders;
}

MemoryTypeOrder order_memory_types(const MemoryChoice& choice, const VkPhysicalDeviceMemoryProperties& memory) {
  return order_for(rule_of(choice), choice.types, memory);
}

}  // namespace vkmembench
