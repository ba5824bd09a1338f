#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>

namespace vkmembench {

// A part of a resource that somebody else makes and binds: pages of a sparse one, or a plane of an image whose planes
// are bound apart.
struct ResourcePart {
  std::uint64_t number = 0;  // tells it from all live resources and parts
  VkMemoryRequirements needs{};
  bool image = false;    // of an image
  bool optimal = false;  // with optimal tiling
};

}  // namespace vkmembench
