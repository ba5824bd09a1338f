#include "scenarios/recording/layer/entry_points.h"

#include <array>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "scenarios/recording/layer/layer_state.h"
#include "scenarios/recording/newer_structures.h"

namespace vkmembench {
namespace {

// The link of the chain below, which is taken off for whoever is next.
template <typename CreateInfo>
auto* take_link(const void* next, VkStructureType type) {
  auto* info = static_cast<CreateInfo*>(const_cast<void*>(next));
  while (info != nullptr && (info->sType != type || info->function != VK_LAYER_LINK_INFO))
    info = static_cast<CreateInfo*>(const_cast<void*>(info->pNext));
  using Link = decltype(info->u.pLayerInfo);
  if (info == nullptr) return Link{nullptr};
  const Link link = info->u.pLayerInfo;
  info->u.pLayerInfo = link->pNext;
  return link;
}

std::string setting_text(const LayerSetting& setting) {
  if (setting.valueCount == 0) return {};
  switch (setting.type) {
    case LayerSettingType::string:
      return *static_cast<const char* const*>(setting.pValues);
    case LayerSettingType::bool32:
      return *static_cast<const VkBool32*>(setting.pValues) != 0 ? "true" : "false";
    case LayerSettingType::int32:
      return std::to_string(*static_cast<const std::int32_t*>(setting.pValues));
    case LayerSettingType::int64:
      return std::to_string(*static_cast<const std::int64_t*>(setting.pValues));
    case LayerSettingType::uint32:
      return std::to_string(*static_cast<const std::uint32_t*>(setting.pValues));
    case LayerSettingType::uint64:
      return std::to_string(*static_cast<const std::uint64_t*>(setting.pValues));
    case LayerSettingType::float32:
    case LayerSettingType::float64:
      break;  // no setting is one
  }
  return "a fraction";
}

// As the program itself says, by VK_EXT_layer_settings.
std::optional<std::string> setting_of_program(const VkInstanceCreateInfo& info, std::string_view name) {
  for (auto* structure = static_cast<const VkBaseInStructure*>(info.pNext); structure != nullptr;
       structure = structure->pNext) {
    if (structure->sType != kLayerSettingsType) continue;
    const auto& settings = reinterpret_cast<const LayerSettings&>(*structure);
    for (std::uint32_t i = 0; i < settings.settingCount; ++i) {
      const LayerSetting& setting = settings.pSettings[i];
      if (kRecordLayer == setting.pLayerName && name == setting.pSettingName) return setting_text(setting);
    }
  }
  return std::nullopt;
}

VKAPI_ATTR VkResult VKAPI_CALL create_layered_instance(const VkInstanceCreateInfo* info,
                                                       const VkAllocationCallbacks* callbacks, VkInstance* instance) {
  const auto* link = take_link<VkLayerInstanceCreateInfo>(info->pNext, VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO);
  if (link == nullptr) return VK_ERROR_INITIALIZATION_FAILED;
  const PFN_vkGetInstanceProcAddr next = link->pfnNextGetInstanceProcAddr;
  const auto create = reinterpret_cast<PFN_vkCreateInstance>(next(VK_NULL_HANDLE, "vkCreateInstance"));
  if (create == nullptr) return VK_ERROR_INITIALIZATION_FAILED;
  const VkResult result = create(info, callbacks, instance);
  if (result != VK_SUCCESS) return result;
  LayeredInstance& layered = layered_instances().add(LiveList<LayeredInstance>::key_of(*instance));
  layered.handle = *instance;
  layered.next = next_instance(next, *instance);
  layered.settings = read_record_settings(
      {setting_of_environment, setting_of_file, [&](std::string_view name) { return setting_of_program(*info, name); }},
      complain);
  return result;
}

VKAPI_ATTR void VKAPI_CALL destroy_layered_instance(VkInstance instance, const VkAllocationCallbacks* callbacks) {
  if (instance == VK_NULL_HANDLE) return;
  void* const key = LiveList<LayeredInstance>::key_of(instance);
  const PFN_vkDestroyInstance destroy = layered_instances().find(key)->next.destroy_instance;
  layered_instances().remove(key);  // before another gets its handle
  destroy(instance, callbacks);
}

VKAPI_ATTR VkResult VKAPI_CALL create_layered_device(VkPhysicalDevice physical, const VkDeviceCreateInfo* info,
                                                     const VkAllocationCallbacks* callbacks, VkDevice* device) {
  const LayeredInstance* instance = layered_instances().find(LiveList<LayeredInstance>::key_of(physical));
  const auto* link = take_link<VkLayerDeviceCreateInfo>(info->pNext, VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO);
  if (instance == nullptr || link == nullptr) return VK_ERROR_INITIALIZATION_FAILED;
  const PFN_vkGetDeviceProcAddr next = link->pfnNextGetDeviceProcAddr;
  const auto create =
      reinterpret_cast<PFN_vkCreateDevice>(link->pfnNextGetInstanceProcAddr(instance->handle, "vkCreateDevice"));
  if (create == nullptr) return VK_ERROR_INITIALIZATION_FAILED;
  std::unique_ptr<MemoryReport> report = MemoryReport::of(instance->next, physical, *info);
  const VkResult result = report ? report->create_device(create, physical, *info, callbacks, device)
                                 : create(physical, info, callbacks, device);
  if (result != VK_SUCCESS) return result;
  const std::lock_guard lock(layered_devices_mutex());
  LayeredDevice& layered = layered_devices().add(LiveList<LayeredDevice>::key_of(*device));
  layered.next = next_device(next, *device);
  layered.physical = physical;
  layered.report = std::move(report);
  begin_recording(layered, *instance);
  return result;
}

// The layer's own functions of an instance.
PFN_vkVoidFunction instance_intercept_of(std::string_view name) {
  struct Row {
    std::string_view name;
    PFN_vkVoidFunction function;
  };
  static const Row kRows[] = {
      {"vkGetInstanceProcAddr", reinterpret_cast<PFN_vkVoidFunction>(&layer_instance_proc)},
      {"vkGetDeviceProcAddr", reinterpret_cast<PFN_vkVoidFunction>(&layer_device_proc)},
      {"vkCreateInstance", reinterpret_cast<PFN_vkVoidFunction>(&create_layered_instance)},
      {"vkDestroyInstance", reinterpret_cast<PFN_vkVoidFunction>(&destroy_layered_instance)},
      {"vkCreateDevice", reinterpret_cast<PFN_vkVoidFunction>(&create_layered_device)},
  };
  for (const Row& row : kRows)
    if (row.name == name) return row.function;
  return nullptr;
}

bool is_budget_query(std::string_view name) {
  return name == "vkGetPhysicalDeviceMemoryProperties2" || name == "vkGetPhysicalDeviceMemoryProperties2KHR";
}

}  // namespace

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL layer_instance_proc(VkInstance instance, const char* name) {
  if (PFN_vkVoidFunction own = instance_intercept_of(name)) return own;
  if (instance == VK_NULL_HANDLE) return nullptr;
  const LayeredInstance* layered = layered_instances().find(LiveList<LayeredInstance>::key_of(instance));
  const PFN_vkVoidFunction next = layered == nullptr ? nullptr : layered->next.get_instance_proc_addr(instance, name);
  if (next == nullptr) return nullptr;
  if (is_budget_query(name))
    return reinterpret_cast<PFN_vkVoidFunction>(&intercept_get_physical_device_memory_properties2);
  const PFN_vkVoidFunction own = intercept_of(name);
  return own != nullptr ? own : next;
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL layer_device_proc(VkDevice device, const char* name) {
  if (std::string_view(name) == "vkGetDeviceProcAddr") return reinterpret_cast<PFN_vkVoidFunction>(&layer_device_proc);
  const PFN_vkVoidFunction next = layered(device).next.get_device_proc_addr(device, name);
  if (next == nullptr) return nullptr;
  const PFN_vkVoidFunction own = intercept_of(name);
  return own != nullptr ? own : next;
}

}  // namespace vkmembench
