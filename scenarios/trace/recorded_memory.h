#pragma once

#include <cstdint>

#include "allocator/device/memory_use.h"

namespace vkmembench {

// How what lay in memory of a type asks for memory: by the type and, where the host maps it, by its properties too,
// which writes and reads need to know.
[[nodiscard]] inline MemoryChoice recorded_memory(std::uint32_t type, VkMemoryPropertyFlags flags) {
  constexpr std::uint32_t kUsual = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                   VK_MEMORY_PROPERTY_HOST_COHERENT_BIT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
  MemoryChoice choice = MemoryUse::custom;
  choice.recorded_type = static_cast<std::int8_t>(type);
  if ((flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) == 0) return choice;
  choice.required = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
  choice.preferred = static_cast<std::uint16_t>(flags & kUsual & ~std::uint32_t{choice.required});
  choice.unwanted = static_cast<std::uint16_t>(kUsual & ~flags);
  return choice;
}

}  // namespace vkmembench
