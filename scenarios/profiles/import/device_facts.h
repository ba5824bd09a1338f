#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/base/bytes.h"

namespace vkmembench {

// What a file tells of one device, as far as it does.
struct DeviceFacts {
  std::string name;
  std::optional<VkPhysicalDeviceType> type;
  std::uint32_t vendor_id = 0;
  std::uint32_t device_id = 0;
  std::uint32_t api_version = 0;
  std::uint32_t driver_version = 0;
  std::string driver_name;
  std::string driver_info;
  VkPhysicalDeviceMemoryProperties memory{};  // no heaps and types: not told
  std::array<std::optional<Bytes>, VK_MAX_MEMORY_HEAPS> budgets{};
  std::map<std::string, std::uint64_t, std::less<>> limits;  // by Vulkan's names; of sample counts the bits
  // Memory types that images with color formats may lie in, where the file says so.
  std::optional<std::uint32_t> optimal_image_types;
  std::optional<std::uint32_t> linear_image_types;
};

// A kind of file that tells of devices.
struct DeviceFileKind {
  std::string_view name;
  std::string_view description;
  bool (*matches)(std::string_view text);
  std::vector<DeviceFacts> (*read)(std::string_view text, const std::string& file_name);  // Throws Error.
};
[[nodiscard]] std::span<const DeviceFileKind> device_file_kinds();

// The first number of a text such as "8589934592 (0x200000000)" or "0x10de"; nullopt when it does not begin with one.
[[nodiscard]] std::optional<std::uint64_t> leading_number(std::string_view text);
// "1.3.277" or "1.3.277 (4206869)" or the number alone; 0 when it is neither.
[[nodiscard]] std::uint32_t api_version_of(std::string_view text);
// "PHYSICAL_DEVICE_TYPE_DISCRETE_GPU", also with VK_, or Vulkan's number.
[[nodiscard]] std::optional<VkPhysicalDeviceType> device_type_named(std::string_view text);

// Of kinds of JSON files, in json_facts.cpp; of vulkaninfo's text, in vulkaninfo_text.cpp.
[[nodiscard]] std::vector<DeviceFacts> read_vkconfig_json(std::string_view text, const std::string& file_name);
[[nodiscard]] std::vector<DeviceFacts> read_simulation_json(std::string_view text, const std::string& file_name);
[[nodiscard]] std::vector<DeviceFacts> read_caps_viewer_json(std::string_view text, const std::string& file_name);
[[nodiscard]] std::vector<DeviceFacts> read_profiles_json(std::string_view text, const std::string& file_name);
[[nodiscard]] std::vector<DeviceFacts> read_vulkaninfo_text(std::string_view text, const std::string& file_name);

}  // namespace vkmembench
