#include "allocator/device/memory_use.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace vkmembench {
namespace {

constexpr VkMemoryPropertyFlags kNeedsFeature = VK_MEMORY_PROPERTY_PROTECTED_BIT |
                                                VK_MEMORY_PROPERTY_DEVICE_COHERENT_BIT_AMD |
                                                VK_MEMORY_PROPERTY_DEVICE_UNCACHED_BIT_AMD;

MemoryTypeOrder order_for(const MemoryUseRule& rule, const VkPhysicalDeviceMemoryProperties& memory) {
  MemoryTypeOrder order;
  std::array<int, VK_MAX_MEMORY_TYPES> cost{};
  for (std::uint32_t type = 0; type < memory.memoryTypeCount; ++type) {
    const VkMemoryPropertyFlags flags = memory.memoryTypes[type].propertyFlags;
    const bool lazy = (flags & VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT) != 0;
    const bool asks_lazy = (rule.preferred & VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT) != 0;
    if ((flags & rule.required) != rule.required || (flags & kNeedsFeature) != 0 || (lazy && !asks_lazy)) continue;
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
  for (std::size_t use = 0; use < kMemoryUseCount; ++use) orders[use] = order_for(kMemoryUseRules[use], memory);
  return orders;
}

}  // namespace vkmembench
