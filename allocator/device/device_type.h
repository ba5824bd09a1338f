#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace vkmembench {

// Types of devices as profiles, reports and listings spell them, in the order of VkPhysicalDeviceType.
inline constexpr std::array<std::string_view, 5> kDeviceTypeNames = {"other", "integrated", "discrete", "virtual",
                                                                     "cpu"};

// "other" for a type without a name.
[[nodiscard]] constexpr std::string_view device_type_name(VkPhysicalDeviceType type) {
  const auto index = static_cast<std::size_t>(type);
  return kDeviceTypeNames[index < kDeviceTypeNames.size() ? index : 0];
}
// VK_PHYSICAL_DEVICE_TYPE_OTHER for an unknown name.
[[nodiscard]] constexpr VkPhysicalDeviceType device_type_of(std::string_view name) {
  for (std::size_t i = 0; i < kDeviceTypeNames.size(); ++i)
    if (kDeviceTypeNames[i] == name) return static_cast<VkPhysicalDeviceType>(i);
  return VK_PHYSICAL_DEVICE_TYPE_OTHER;
}

}  // namespace vkmembench
