#include "scenarios/profiles/import/vendor_rules.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>

namespace vkmembench {
namespace {

struct Vendor {
  std::uint32_t id;
  std::string_view profile;
};
constexpr std::array kVendors = std::to_array<Vendor>({
    {0x10de, "nvidia-rtx-3090"},
    {0x1002, "amd-rx-6600"},
    {0x8086, "intel-iris-xe"},
    {0x13b5, "arm-mali-g7x"},
});

bool is_plain(VkMemoryPropertyFlags flags) {
  constexpr VkMemoryPropertyFlags kSpecial =
      VK_MEMORY_PROPERTY_PROTECTED_BIT | VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT |
      VK_MEMORY_PROPERTY_DEVICE_COHERENT_BIT_AMD | VK_MEMORY_PROPERTY_DEVICE_UNCACHED_BIT_AMD;
  return (flags & kSpecial) == 0;
}

bool is_repeated(const VkPhysicalDeviceMemoryProperties& memory, std::uint32_t type) {
  const auto* const end = memory.memoryTypes + type;
  return std::any_of(memory.memoryTypes, end, [&](const VkMemoryType& other) {
    return other.heapIndex == end->heapIndex && other.propertyFlags == end->propertyFlags;
  });
}

}  // namespace

std::string_view profile_for_vendor(std::uint32_t vendor_id, VkPhysicalDeviceType type) {
  const auto* const vendor = std::ranges::find(kVendors, vendor_id, &Vendor::id);
  if (vendor != kVendors.end()) return vendor->profile;
  constexpr std::uint32_t kApple = 0x106b;
  const bool desktop = type != VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU || vendor_id == kApple;
  if (type == VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU) return "nvidia-rtx-3090";
  return desktop ? "intel-iris-xe" : "arm-mali-g7x";
}

std::uint32_t matching_types(const VkPhysicalDeviceMemoryProperties& like, std::uint32_t allowed,
                             const VkPhysicalDeviceMemoryProperties& device) {
  std::uint32_t matching = 0;
  std::uint32_t plain = 0;
  for (std::uint32_t type = 0; type < device.memoryTypeCount; ++type) {
    if (is_repeated(device, type)) continue;
    const VkMemoryPropertyFlags flags = device.memoryTypes[type].propertyFlags;
    bool known = false;
    bool taken = false;
    for (std::uint32_t other = 0; other < like.memoryTypeCount; ++other) {
      if (like.memoryTypes[other].propertyFlags != flags) continue;
      known = true;
      taken = taken || (allowed >> other & 1u) != 0;
    }
    if (known ? taken : is_plain(flags)) matching |= 1u << type;
    if (is_plain(flags)) plain |= 1u << type;
  }
  return matching != 0 ? matching : plain != 0 ? plain : 1u;
}

std::uint32_t nearest_type(const VkPhysicalDeviceMemoryProperties& like, const VkPhysicalDeviceMemoryProperties& device,
                           std::uint32_t type) {
  const VkMemoryPropertyFlags wanted = device.memoryTypes[type].propertyFlags;
  const std::span<const VkMemoryType> types(like.memoryTypes, like.memoryTypeCount);
  const auto nearest = std::ranges::min_element(types, {}, [&](const VkMemoryType& other) {
    // Where memory lies counts for more than how the host sees it.
    const VkMemoryPropertyFlags apart = wanted ^ other.propertyFlags;
    return std::popcount(apart) + 8 * std::popcount(apart & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT);
  });
  return static_cast<std::uint32_t>(nearest - types.begin());
}

}  // namespace vkmembench
