#include "allocator/base/vulkan_names.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <type_traits>

#include "allocator/base/check.h"
#include "allocator/base/newer_vulkan.h"

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

// What ends the names of extensions.
constexpr std::string_view kVendors[] = {"_khr", "_ext", "_nv", "_amd", "_amdx", "_arm", "_qcom", "_huawei", "_img"};

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

FormatInfo row_of(VkFormat value, std::string_view name) {
  const auto format = static_cast<vk::Format>(value);
  const auto [width, height, depth] = vk::blockExtent(format);
  FormatInfo row{value, name, vk::blockSize(format), width, height, aspects_of(format)};
  row.plane_count = vk::planeCount(format);
  if (row.plane_count == 1) return row;
  for (std::uint8_t plane = 0; plane < row.plane_count; ++plane)
    row.planes[plane] = {vk::blockSize(vk::planeCompatibleFormat(format, plane)), vk::planeWidthDivisor(format, plane),
                         vk::planeHeightDivisor(format, plane)};
  return row;
}

// In the order of their values. Texts live as long as the program; so do the names that point at them.
struct Formats {
  std::array<std::string, kFormatCount> texts;
  std::vector<FormatInfo> rows;

  Formats() {
    for (int i = 0; i < kFormatCount; ++i) {
      const auto at = static_cast<std::size_t>(i);
      texts[at] = format_name(vk::to_string(static_cast<vk::Format>(i + 1)));
      rows.push_back(row_of(static_cast<VkFormat>(i + 1), texts[at]));
    }
    for (const NamedFormat& named : kExtensionFormats) rows.push_back(row_of(named.format, named.name));
    for (const FormatInfo& row : kNewerFormats) rows.push_back(row);
    std::ranges::sort(rows, {}, &FormatInfo::format);
  }
};
const std::vector<FormatInfo>& format_rows() {
  static const Formats made;
  return made.rows;
}

// The names of an enumeration's bits: what the SDK's headers know, and what came after them.
struct FlagNames {
  std::array<std::string, 32> texts;
  std::vector<FlagName> rows;

  template <typename Bits>
  FlagNames(std::type_identity<Bits> /*of*/, std::span<const FlagName> newer) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::uint32_t bit = 1u << i;
      const std::string known = vk::to_string(static_cast<Bits>(bit));
      if (const auto row = std::ranges::find(newer, bit, &FlagName::bit); row != newer.end())
        rows.push_back(*row);
      else if (known.find(' ') == std::string::npos)  // "invalid ( 2a )"
        rows.push_back({texts[i] = snake_case(known), bit});
    }
  }
};
template <typename Bits>
std::span<const FlagName> flag_names(std::span<const FlagName> newer = {}) {
  static const FlagNames made(std::type_identity<Bits>{}, newer);
  return made.rows;
}

std::uint32_t shrink(std::uint32_t extent, std::uint32_t level) {
  return level >= 32 ? 1 : std::max<std::uint32_t>(1, extent >> level);
}

}  // namespace

std::span<const FlagName> buffer_usage_names() { return flag_names<vk::BufferUsageFlagBits>(kNewerBufferUsages); }
std::span<const FlagName> image_usage_names() { return flag_names<vk::ImageUsageFlagBits>(kNewerImageUsages); }
std::span<const FlagName> memory_property_names() { return flag_names<vk::MemoryPropertyFlagBits>(); }
std::span<const FlagName> heap_flag_names() { return flag_names<vk::MemoryHeapFlagBits>(); }
std::span<const FlagName> buffer_flag_names() { return flag_names<vk::BufferCreateFlagBits>(); }
std::span<const FlagName> external_handle_names() { return flag_names<vk::ExternalMemoryHandleTypeFlagBits>(); }
std::span<const FlagName> image_flag_names() { return flag_names<vk::ImageCreateFlagBits>(); }

std::string_view without_vendor(std::string_view name) {
  for (const std::string_view vendor : kVendors)
    if (name.ends_with(vendor)) return name.substr(0, name.size() - vendor.size());
  return name;
}

std::optional<std::uint32_t> flag_by_name(std::span<const FlagName> names, std::string_view name) {
  for (const FlagName& row : names) {
    if (row.name == name || without_vendor(row.name) == name) return row.bit;
  }
  return std::nullopt;
}

std::vector<std::string_view> names_of(std::uint32_t bits, std::span<const FlagName> names) {
  std::vector<std::string_view> out;
  for (const FlagName& row : names)
    if ((bits & row.bit) != 0) out.push_back(row.name);
  return out;
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

const FormatInfo* find_format(VkFormat format) {
  const std::vector<FormatInfo>& rows = format_rows();
  const auto index = static_cast<std::size_t>(format) - 1;
  if (index < std::size_t{kFormatCount}) return &rows[index];
  const auto found = std::ranges::lower_bound(rows, format, {}, &FormatInfo::format);
  return found != rows.end() && found->format == format ? &*found : nullptr;
}

std::size_t format_index(const FormatInfo& format) { return static_cast<std::size_t>(&format - format_rows().data()); }

const FormatInfo& format_info(VkFormat format) {
  const FormatInfo* found = find_format(format);
  VKMEMBENCH_CHECK(found != nullptr, "a format without a row");
  return *found;
}

Bytes mip_bytes(const FormatInfo& format, VkExtent3D extent, std::uint32_t level) {
  const auto ceil_div = [](std::uint32_t texels, std::uint32_t a) -> Bytes { return (Bytes{texels} + a - 1) / a; };
  const std::uint32_t width = shrink(extent.width, level);
  const std::uint32_t height = shrink(extent.height, level);
  if (format.plane_count == 1)
    return ceil_div(width, format.block_width) * ceil_div(height, format.block_height) * shrink(extent.depth, level) *
           format.block_bytes;
  Bytes bytes = 0;
  for (std::uint32_t i = 0; i < format.plane_count; ++i) {
    const FormatPlane& plane = format.planes[i];
    bytes += ceil_div(width, plane.width_divisor) * ceil_div(height, plane.height_divisor) * plane.block_bytes;
  }
  return bytes;
}

std::uint32_t full_mip_count(VkExtent3D extent) {
  return static_cast<std::uint32_t>(std::bit_width(std::max({extent.width, extent.height, extent.depth})));
}

}  // namespace vkmembench
