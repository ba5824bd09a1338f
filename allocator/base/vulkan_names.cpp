#include "allocator/base/vulkan_names.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>

#include "allocator/base/check.h"

// The SDK's own names and facts. Of what its headers hold besides, as little as they let one choose.
#define VULKAN_HPP_NO_CONSTRUCTORS
#define VULKAN_HPP_NO_EXCEPTIONS
#define VULKAN_HPP_NO_SMART_HANDLE
#define VULKAN_HPP_NO_SPACESHIP_OPERATOR
#define VULKAN_HPP_DISABLE_ENHANCED_MODE
#include <vulkan/vulkan_format_traits.hpp>
#include <vulkan/vulkan_to_string.hpp>

namespace vkmembench {
namespace {

constexpr int kFormatCount = VK_FORMAT_ASTC_12x12_SRGB_BLOCK;  // the formats of Vulkan 1.0 have the values 1 to this

bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_lower(char c) { return std::islower(static_cast<unsigned char>(c)) != 0; }
char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }
char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

// The SDK spells names as "R8G8B8A8Unorm", "Etc2R8G8B8Unorm" and "DeviceCoherentAMD". Where one of their words begins:
// at a capital before a small letter or behind one, and at a component behind a word with a number.
bool begins_word(std::string_view text, std::size_t i) {
  if (i == 0 || !is_upper(text[i])) return false;
  const auto has = [&](std::size_t at, auto kind) { return at < text.size() && kind(text[at]); };
  if (has(i + 1, is_lower) || is_lower(text[i - 1])) return true;
  return has(i + 1, is_digit) && is_digit(text[i - 1]) && i > 1 && is_lower(text[i - 2]);
}

// "TransferSrc" as "transfer_src".
std::string snake_case(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (begins_word(text, i)) out += '_';
    out += lower(text[i]);
  }
  return out;
}

// "D24UnormS8Uint" as "D24_UNORM_S8_UINT". Vulkan sets unused bits apart ("X8_D24"), and leaves the x of block extents
// as it is ("ASTC_4x4").
std::string format_name(std::string_view text) {
  constexpr std::string_view kBlocks = "Astc";
  constexpr std::string_view kUnused = "X8";
  std::string out;
  const bool has_extent = text.starts_with(kBlocks);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_after_prefix =
        (has_extent && i == kBlocks.size()) || (text.starts_with(kUnused) && i == kUnused.size());
    if (is_after_prefix || begins_word(text, i)) out += '_';
    out += has_extent && text[i] == 'x' ? 'x' : upper(text[i]);
  }
  return out;
}

VkImageAspectFlags aspects_of(vk::Format format) {
  VkImageAspectFlags aspects = 0;
  for (std::uint8_t component = 0; component < vk::componentCount(format); ++component) {
    const std::string_view name = vk::componentName(format, component);
    if (name == "D")
      aspects |= VK_IMAGE_ASPECT_DEPTH_BIT;
    else if (name == "S")
      aspects |= VK_IMAGE_ASPECT_STENCIL_BIT;
    else
      aspects |= VK_IMAGE_ASPECT_COLOR_BIT;
  }
  return aspects;
}

// Texts live as long as the program; so do the names that point at them.
struct Formats {
  std::array<std::string, kFormatCount> texts;
  std::array<FormatInfo, kFormatCount> rows;

  Formats() {
    for (int i = 0; i < kFormatCount; ++i) {
      const auto format = static_cast<vk::Format>(i + 1);
      const auto at = static_cast<std::size_t>(i);
      const auto [width, height, depth] = vk::blockExtent(format);
      texts[at] = format_name(vk::to_string(format));
      rows[at] = {static_cast<VkFormat>(i + 1), texts[at], vk::blockSize(format), width, height, aspects_of(format)};
    }
  }
};
const std::array<FormatInfo, kFormatCount>& format_rows() {
  static const Formats made;
  return made.rows;
}

// The names of the lowest bits of an enumeration.
template <typename Bits, std::size_t kCount>
struct FlagNames {
  std::array<std::string, kCount> texts;
  std::array<FlagName, kCount> rows;

  FlagNames() {
    for (std::size_t i = 0; i < kCount; ++i) {
      const std::uint32_t bit = 1u << i;
      texts[i] = snake_case(vk::to_string(static_cast<Bits>(bit)));
      rows[i] = {texts[i], bit};
    }
  }
};
template <typename Bits, std::size_t kCount>
std::span<const FlagName> flag_names() {
  static const FlagNames<Bits, kCount> made;
  return made.rows;
}

std::uint32_t shrink(std::uint32_t extent, std::uint32_t level) {
  return level >= 32 ? 1 : std::max<std::uint32_t>(1, extent >> level);
}

}  // namespace

// Those of Vulkan 1.0, and the memory of AMD that is coherent between devices.
std::span<const FlagName> buffer_usage_names() {
  return flag_names<vk::BufferUsageFlagBits, std::bit_width(unsigned{VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT})>();
}
std::span<const FlagName> image_usage_names() {
  return flag_names<vk::ImageUsageFlagBits, std::bit_width(unsigned{VK_IMAGE_USAGE_INPUT_ATTACHMENT_BIT})>();
}
std::span<const FlagName> memory_property_names() {
  return flag_names<vk::MemoryPropertyFlagBits, std::bit_width(unsigned{VK_MEMORY_PROPERTY_DEVICE_UNCACHED_BIT_AMD})>();
}
std::span<const FlagName> heap_flag_names() {
  return flag_names<vk::MemoryHeapFlagBits, std::bit_width(unsigned{VK_MEMORY_HEAP_MULTI_INSTANCE_BIT})>();
}

std::optional<std::uint32_t> flag_by_name(std::span<const FlagName> names, std::string_view name) {
  for (const FlagName& row : names) {
    if (row.name == name) return row.bit;
  }
  return std::nullopt;
}

std::string result_name(VkResult result) {
  constexpr std::string_view kError = "error_";
  const std::string name = snake_case(vk::to_string(static_cast<vk::Result>(result)));
  if (name.find(' ') != std::string::npos)
    return "result_" + std::to_string(static_cast<int>(result));  // "invalid ( 2a )"
  return name.starts_with(kError) ? name.substr(kError.size()) : name;
}

std::span<const FormatInfo> formats() { return format_rows(); }

const FormatInfo* format_by_name(std::string_view name) {
  const auto found = std::ranges::find(formats(), name, &FormatInfo::name);
  return found == formats().end() ? nullptr : &*found;
}

const FormatInfo& format_info(VkFormat format) {
  const auto index = static_cast<std::size_t>(format) - 1;
  VKMEMBENCH_CHECK(index < formats().size(), "a format without a row");
  return formats()[index];
}

Bytes mip_bytes(const FormatInfo& format, VkExtent3D extent, std::uint32_t level) {
  const Bytes columns = (shrink(extent.width, level) + format.block_width - 1) / format.block_width;
  const Bytes rows = (shrink(extent.height, level) + format.block_height - 1) / format.block_height;
  return columns * rows * shrink(extent.depth, level) * format.block_bytes;
}

std::uint32_t full_mip_count(VkExtent3D extent) {
  return static_cast<std::uint32_t>(std::bit_width(std::max({extent.width, extent.height, extent.depth})));
}

}  // namespace vkmembench
