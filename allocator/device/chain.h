#pragma once

#include <vulkan/vulkan_core.h>

namespace vkmembench {

// The first structure of a pNext chain that has this type; nullptr when there is none.
template <typename T>
[[nodiscard]] const T* find_in_chain(const void* chain, VkStructureType type) {
  for (auto* link = static_cast<const VkBaseInStructure*>(chain); link != nullptr; link = link->pNext) {
    if (link->sType == type) return reinterpret_cast<const T*>(link);
  }
  return nullptr;
}
template <typename T>
[[nodiscard]] T* find_in_chain(void* chain, VkStructureType type) {
  return const_cast<T*>(find_in_chain<T>(static_cast<const void*>(chain), type));
}

}  // namespace vkmembench
