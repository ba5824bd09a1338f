#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/base/bytes.h"

namespace vkmembench {

// Names as scenarios and reports spell them: Vulkan's own, lower case, without prefix and `_bit` ("vertex_buffer").
struct FlagName {
  std::string_view name;
  std::uint32_t bit;
};
[[nodiscard]] std::span<const FlagName> buffer_usage_names();
[[nodiscard]] std::span<const FlagName> image_usage_names();
[[nodiscard]] std::span<const FlagName> memory_property_names();
[[nodiscard]] std::span<const FlagName> heap_flag_names();
[[nodiscard]] std::span<const FlagName> buffer_flag_names();  // of VkBufferCreateFlags
[[nodiscard]] std::span<const FlagName> image_flag_names();   // of VkImageCreateFlags
[[nodiscard]] std::span<const FlagName> external_handle_names();
// Also without the suffix of an extension.
[[nodiscard]] std::optional<std::uint32_t> flag_by_name(std::span<const FlagName> names, std::string_view name);
// The name without the suffix of the extension that it came with: "sampler_descriptor_buffer" of
// "sampler_descriptor_buffer_ext". Itself, where it has none.
[[nodiscard]] std::string_view without_vendor(std::string_view name);
// The names of the bits, in the order of the table; bits without a name are left out.
[[nodiscard]] std::vector<std::string_view> names_of(std::uint32_t bits, std::span<const FlagName> names);

// "out_of_device_memory", "success"; "result_N" for one without a row.
[[nodiscard]] std::string result_name(VkResult result);

// One plane of a texel format: bytes of a texel, and texels of the image that one of its texels stands for.
struct FormatPlane {
  std::uint8_t block_bytes = 0;
  std::uint8_t width_divisor = 1;
  std::uint8_t height_divisor = 1;
};

// A texel format and the facts that sizes and copies need.
struct FormatInfo {
  VkFormat format = VK_FORMAT_UNDEFINED;
  std::string_view name;          // Vulkan's, without VK_FORMAT_: "R8G8B8A8_UNORM"
  std::uint32_t block_bytes = 0;  // of one texel block
  std::uint32_t block_width = 1;  // in texels
  std::uint32_t block_height = 1;
  VkImageAspectFlags aspects = VK_IMAGE_ASPECT_COLOR_BIT;
  std::uint32_t plane_count = 1;  // planes[] only where there are several
  std::array<FormatPlane, 3> planes{};
};
[[nodiscard]] std::span<const FormatInfo> formats();
[[nodiscard]] const FormatInfo* find_format(VkFormat format);           // nullptr when unknown
[[nodiscard]] std::size_t format_index(const FormatInfo& format);       // in formats()
[[nodiscard]] const FormatInfo* format_by_name(std::string_view name);  // nullptr when unknown
[[nodiscard]] const FormatInfo& format_info(VkFormat format);           // Requires a format of the table.

// Bytes of mip `level` of one layer, tightly packed; extents shrink to no less than one texel, then round up to blocks.
[[nodiscard]] Bytes mip_bytes(const FormatInfo& format, VkExtent3D extent, std::uint32_t level);
// Levels of a full chain down to one texel.
[[nodiscard]] std::uint32_t full_mip_count(VkExtent3D extent);

}  // namespace vkmembench
