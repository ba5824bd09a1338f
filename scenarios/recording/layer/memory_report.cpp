#include "scenarios/recording/layer/memory_report.h"

#include <algorithm>
#include <exception>
#include <span>
#include <string_view>
#include <vector>

namespace vkmembench {
namespace {

constexpr std::string_view kExtension = VK_EXT_DEVICE_MEMORY_REPORT_EXTENSION_NAME;

const VkPhysicalDeviceDeviceMemoryReportFeaturesEXT* find_feature(const VkDeviceCreateInfo& info) {
  for (auto* next = static_cast<const VkBaseInStructure*>(info.pNext); next != nullptr; next = next->pNext)
    if (next->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DEVICE_MEMORY_REPORT_FEATURES_EXT)
      return reinterpret_cast<const VkPhysicalDeviceDeviceMemoryReportFeaturesEXT*>(next);
  return nullptr;
}

bool is_offered(const NextInstance& next, VkPhysicalDevice physical) {
  if (next.enumerate_device_extension_properties == nullptr || next.get_physical_device_features2 == nullptr)
    return false;
  std::uint32_t count = 0;
  next.enumerate_device_extension_properties(physical, nullptr, &count, nullptr);
  std::vector<VkExtensionProperties> extensions(count);
  next.enumerate_device_extension_properties(physical, nullptr, &count, extensions.data());
  if (std::ranges::none_of(extensions, [](const auto& row) { return kExtension == row.extensionName; })) return false;
  VkPhysicalDeviceDeviceMemoryReportFeaturesEXT feature{};
  feature.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DEVICE_MEMORY_REPORT_FEATURES_EXT;
  VkPhysicalDeviceFeatures2 features{};
  features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
  features.pNext = &feature;
  next.get_physical_device_features2(physical, &features);
  return feature.deviceMemoryReport == VK_TRUE;
}

}  // namespace

std::unique_ptr<MemoryReport> MemoryReport::of(const NextInstance& next, VkPhysicalDevice physical,
                                               const VkDeviceCreateInfo& info) {
  const auto* feature = find_feature(info);
  const bool is_off = feature != nullptr && feature->deviceMemoryReport == VK_FALSE;
  return is_off || !is_offered(next, physical) ? nullptr : std::make_unique<MemoryReport>();
}

VkResult MemoryReport::create_device(PFN_vkCreateDevice create, VkPhysicalDevice physical,
                                     const VkDeviceCreateInfo& info, const VkAllocationCallbacks* callbacks,
                                     VkDevice* device) {
  VkDeviceDeviceMemoryReportCreateInfoEXT reports{};
  reports.sType = VK_STRUCTURE_TYPE_DEVICE_DEVICE_MEMORY_REPORT_CREATE_INFO_EXT;
  reports.pNext = info.pNext;
  reports.pfnUserCallback = hear;
  reports.pUserData = this;
  VkPhysicalDeviceDeviceMemoryReportFeaturesEXT feature{};
  feature.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DEVICE_MEMORY_REPORT_FEATURES_EXT;
  feature.pNext = &reports;
  feature.deviceMemoryReport = VK_TRUE;
  const std::span named(info.ppEnabledExtensionNames, info.enabledExtensionCount);
  std::vector<const char*> names(named.begin(), named.end());
  if (std::ranges::find(names, kExtension, [](const char* name) { return std::string_view(name); }) == names.end())
    names.push_back(kExtension.data());
  VkDeviceCreateInfo more = info;
  more.pNext = find_feature(info) != nullptr ? static_cast<const void*>(&reports) : &feature;
  more.enabledExtensionCount = static_cast<std::uint32_t>(names.size());
  more.ppEnabledExtensionNames = names.data();
  const VkResult result = create(physical, &more, callbacks, device);
  return result == VK_SUCCESS ? result : create(physical, &info, callbacks, device);
}

DriverMemory MemoryReport::memory() const {
  const std::lock_guard lock(mutex_);
  return memory_;
}

// From the driver, which no exception may reach.
VKAPI_ATTR void VKAPI_CALL MemoryReport::hear(const VkDeviceMemoryReportCallbackDataEXT* data, void* report) {
  if (data->objectType == VK_OBJECT_TYPE_DEVICE_MEMORY) return;  // the program's own
  auto& self = *static_cast<MemoryReport*>(report);
  try {
    if (data->type == VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_ALLOCATE_EXT) self.allocated(data->memoryObjectId, data->size);
    if (data->type == VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_FREE_EXT) self.freed(data->memoryObjectId);
  } catch (const std::exception&) {  // without memory it is not counted
  }
}

void MemoryReport::allocated(std::uint64_t object, Bytes size) {
  const std::lock_guard lock(mutex_);
  if (!live_.try_emplace(object, size).second) return;
  ++memory_.allocations;
  live_bytes_ += size;
  memory_.peak_bytes = std::max(memory_.peak_bytes, live_bytes_);
}

void MemoryReport::freed(std::uint64_t object) {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(object);
  if (found == live_.end()) return;
  live_bytes_ -= found->second;
  live_.erase(found);
}

}  // namespace vkmembench
