#include "scenarios/profiles/import/device_facts.h"

#include <array>
#include <charconv>

namespace vkmembench {
namespace {

bool contains_part(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
bool is_object_text(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && text[at] == '{';
}

}  // namespace

std::span<const DeviceFileKind> device_file_kinds() {
  static constexpr std::array kKinds = std::to_array<DeviceFileKind>({
      {"vkconfig", "vulkaninfo --vkconfig_output",
       [](std::string_view text) {
         return is_object_text(text) && contains_part(text, "\"Device Properties and Extensions\"");
       },
       read_vkconfig_json},
      {"caps-viewer", "a report of Vulkan Caps Viewer, or gpuinfo.org's JSON",
       [](std::string_view text) {
         return is_object_text(text) && contains_part(text, "\"deviceproperties\"") &&
                !contains_part(text, "\"VkPhysicalDeviceProperties\"");
       },
       read_caps_viewer_json},
      {"profiles", "vulkaninfo --json since 2022, a Khronos profile: limits only",
       [](std::string_view text) { return is_object_text(text) && contains_part(text, "\"capabilities\""); },
       read_profiles_json},
      {"simulation", "vulkaninfo --json before 2022, a device simulation file",
       [](std::string_view text) {
         return is_object_text(text) && contains_part(text, "\"VkPhysicalDeviceProperties\"");
       },
       read_simulation_json},
      {"vulkaninfo", "vulkaninfo's text, old or new",
       [](std::string_view text) {
         return !is_object_text(text) && contains_part(text, "VkPhysicalDeviceMemoryProperties");
       },
       read_vulkaninfo_text},
  });
  return kKinds;
}

std::optional<std::uint64_t> leading_number(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

std::uint32_t api_version_of(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  std::uint32_t parts[3] = {};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int i = 0; i < 3; ++i) {
    const auto [next, error] = std::from_chars(at, end, parts[i]);
    if (error != std::errc{}) break;
    if (i == 2) return VK_MAKE_API_VERSION(0, parts[0], parts[1], parts[2]);
    if (next == end || *next != '.') break;
    at = next + 1;
  }
  const std::size_t parenthesis = text.find('(');  // "0x401066  (1.1.102)"
  if (parenthesis != std::string_view::npos)
    if (const std::uint32_t inside = api_version_of(text.substr(parenthesis + 1)); inside != 0) return inside;
  return static_cast<std::uint32_t>(leading_number(text).value_or(0));
}

std::optional<VkPhysicalDeviceType> device_type_named(std::string_view text) {
  if (contains_part(text, "INTEGRATED")) return VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU;
  if (contains_part(text, "DISCRETE")) return VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU;
  if (contains_part(text, "VIRTUAL")) return VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU;
  if (contains_part(text, "CPU")) return VK_PHYSICAL_DEVICE_TYPE_CPU;
  if (contains_part(text, "OTHER")) return VK_PHYSICAL_DEVICE_TYPE_OTHER;
  const std::optional<std::uint64_t> number = leading_number(text);
  if (!number || *number > VK_PHYSICAL_DEVICE_TYPE_CPU) return std::nullopt;
  return static_cast<VkPhysicalDeviceType>(*number);
}

}  // namespace vkmembench
