#include "allocator/device/real/vulkan_functions.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace vkmembench {
namespace {

// Since when an entry point is in the core, and the extension that brings it (with the suffix KHR) to older devices.
struct Availability {
  EntryPoint entry;
  std::uint32_t core;
  std::string_view extension;
};
// The memory properties are asked again for budgets only.
constexpr auto kLaterEntries = std::to_array<Availability>({
    {EntryPoint::get_physical_device_memory_properties2, VK_API_VERSION_1_1, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME},
    {EntryPoint::get_buffer_memory_requirements2, VK_API_VERSION_1_1, VK_KHR_GET_MEMORY_REQUIREMENTS_2_EXTENSION_NAME},
    {EntryPoint::get_image_memory_requirements2, VK_API_VERSION_1_1, VK_KHR_GET_MEMORY_REQUIREMENTS_2_EXTENSION_NAME},
    {EntryPoint::bind_buffer_memory2, VK_API_VERSION_1_1, VK_KHR_BIND_MEMORY_2_EXTENSION_NAME},
    {EntryPoint::bind_image_memory2, VK_API_VERSION_1_1, VK_KHR_BIND_MEMORY_2_EXTENSION_NAME},
    {EntryPoint::get_device_buffer_memory_requirements, VK_API_VERSION_1_3, VK_KHR_MAINTENANCE_4_EXTENSION_NAME},
    {EntryPoint::get_device_image_memory_requirements, VK_API_VERSION_1_3, VK_KHR_MAINTENANCE_4_EXTENSION_NAME},
});

// The name under which the device offers the entry point: its own, with KHR, or none.
std::optional<std::string> offered_name(EntryPoint entry, std::string name, const DeviceInfo& info) {
  for (const Availability& row : kLaterEntries) {
    if (row.entry != entry || info.api_version >= row.core) continue;
    for (const std::string& extension : info.extensions_used)
      if (extension == row.extension) return name + "KHR";
    return std::nullopt;
  }
  return name;
}

}  // namespace

DeviceTable vulkan_functions(PFN_vkGetInstanceProcAddr get_instance_proc, VkInstance instance, VkDevice device,
                             const DeviceInfo& info) {
  const auto get_device_proc =
      reinterpret_cast<PFN_vkGetDeviceProcAddr>(get_instance_proc(instance, "vkGetDeviceProcAddr"));
  DeviceTable fn;
#define VKMEMBENCH_ROW(vulkan, snake, dispatch)                                                  \
  if (const auto name = offered_name(EntryPoint::snake, "vk" #vulkan, info))                     \
    fn.snake = reinterpret_cast<PFN_vk##vulkan>(Dispatch::dispatch == Dispatch::physical         \
                                                    ? get_instance_proc(instance, name->c_str()) \
                                                    : get_device_proc(device, name->c_str()));
  VKMEMBENCH_ENTRY_POINTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  return fn;
}

}  // namespace vkmembench
