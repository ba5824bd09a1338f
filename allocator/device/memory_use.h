#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vkmembench {

// What a request's memory is for. The mapping to memory types is the same for every strategy.
enum class MemoryUse : std::uint8_t { device, upload, readback, dynamic, host, transient, count, custom = count };
inline constexpr std::size_t kMemoryUseCount = static_cast<std::size_t>(MemoryUse::count);

struct MemoryUseRule {
  std::string_view name;
  VkMemoryPropertyFlags required;
  VkMemoryPropertyFlags preferred;
  VkMemoryPropertyFlags unwanted;
};
inline constexpr std::array<MemoryUseRule, kMemoryUseCount> kMemoryUseRules = {{
    {"device", 0, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0},
    {"upload", VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT, VK_MEMORY_PROPERTY_HOST_COHERENT_BIT,
     VK_MEMORY_PROPERTY_HOST_CACHED_BIT | VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT},
    {"readback", VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT, VK_MEMORY_PROPERTY_HOST_CACHED_BIT, 0},
    {"dynamic", VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT,
     VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT, 0},
    {"host", VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT, 0, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT},
    {"transient", 0, VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT | VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0},
}};
[[nodiscard]] constexpr const MemoryUseRule& rule_of(MemoryUse use) {
  return kMemoryUseRules[static_cast<std::size_t>(use)];
}

// How a request chooses its memory: by one of the uses, or by properties that it names itself.
struct MemoryChoice {
  MemoryUse use = MemoryUse::device;  // custom: by the properties below
  std::int8_t recorded_type = -1;     // index of the memory type that a recorded program chose; -1: none
  std::uint16_t required = 0;         // VkMemoryPropertyFlags
  std::uint16_t preferred = 0;
  std::uint16_t unwanted = 0;
  std::uint32_t types = ~0u;  // that may serve

  constexpr MemoryChoice() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a use is a choice
  constexpr MemoryChoice(MemoryUse use_) : use(use_) {}
  friend constexpr bool operator==(const MemoryChoice&, const MemoryChoice&) = default;
};
[[nodiscard]] constexpr MemoryUseRule rule_of(const MemoryChoice& choice) {
  if (choice.use != MemoryUse::custom) return rule_of(choice.use);
  return {"custom", choice.required, choice.preferred, choice.unwanted};
}
// Objects the host maps; `write` and `read` are for these only.
[[nodiscard]] constexpr bool is_mappable(const MemoryChoice& choice) {
  return (rule_of(choice).required & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) != 0;
}

// The memory types that may serve a choice, best first: fewest preferred flags missing plus unwanted flags present,
// ties in type order. Types that miss a required flag are left out, and those that are protected, need a device feature
// (AMD device-coherent) or are for remote access unless the choice asks for that.
struct MemoryTypeOrder {
  std::array<std::uint8_t, VK_MAX_MEMORY_TYPES> types{};
  std::uint32_t count = 0;
  // The best type that `type_bits` allows, from the `nth` such one on; -1 when there is none.
  [[nodiscard]] int pick(std::uint32_t type_bits, std::uint32_t nth = 0) const {
    for (std::uint32_t i = 0; i < count; ++i) {
      if ((type_bits >> types[i] & 1u) == 0) continue;
      if (nth-- == 0) return types[i];
    }
    return -1;
  }
};
using MemoryTypeOrders = std::array<MemoryTypeOrder, kMemoryUseCount>;
[[nodiscard]] MemoryTypeOrders order_memory_types(const VkPhysicalDeviceMemoryProperties& memory);
[[nodiscard]] MemoryTypeOrder order_memory_types(const MemoryChoice& choice,
                                                 const VkPhysicalDeviceMemoryProperties& memory);
// That of the choice: one of the uses', or made in `own`.
[[nodiscard]] inline const MemoryTypeOrder& order_of(const MemoryChoice& choice, const MemoryTypeOrders& orders,
                                                     const VkPhysicalDeviceMemoryProperties& memory,
                                                     std::optional<MemoryTypeOrder>& own) {
  if (choice.use != MemoryUse::custom) [[likely]]
    return orders[static_cast<std::size_t>(choice.use)];
  return own.emplace(order_memory_types(choice, memory));
}

}  // namespace vkmembench
