#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>

#include "allocator/base/vulkan_names.h"

namespace vkmembench {

// The planes of formats that have several: in copies and bindings each is an image of its own.

// Requires a number from 0 to 2.
[[nodiscard]] constexpr VkImageAspectFlagBits plane_aspect(std::uint32_t plane) {
  return static_cast<VkImageAspectFlagBits>(VK_IMAGE_ASPECT_PLANE_0_BIT << plane);
}
static_assert(plane_aspect(1) == VK_IMAGE_ASPECT_PLANE_1_BIT && plane_aspect(2) == VK_IMAGE_ASPECT_PLANE_2_BIT);

// The format of that image, and its extent. Require a plane of the format.
[[nodiscard]] inline FormatInfo plane_format(const FormatInfo& format, std::uint32_t plane) {
  FormatInfo alone{format.format, format.name, format.planes[plane].block_bytes};
  alone.aspects = plane_aspect(plane);
  return alone;
}
[[nodiscard]] inline VkExtent3D plane_extent(const FormatInfo& format, std::uint32_t plane, VkExtent3D extent) {
  const auto divided = [](std::uint32_t side, std::uint32_t by) { return side / by + (side % by != 0 ? 1 : 0); };
  return {divided(extent.width, format.planes[plane].width_divisor),
          divided(extent.height, format.planes[plane].height_divisor), extent.depth};
}

}  // namespace vkmembench
