#include "allocator/device/real/adopted_device.h"

#include <algorithm>
#include <string_view>

#include "allocator/device/chain.h"
#include "allocator/device/real/vulkan_functions.h"

namespace vkmembench {
namespace {

// Fills a DeviceInfo from what the engine turned on.
class Description {
 public:
  explicit Description(const AdoptedDevice& adopted) : adopted_(adopted) {}

  DeviceInfo make() {
    VkPhysicalDeviceProperties properties{};
    get<PFN_vkGetPhysicalDeviceProperties>("vkGetPhysicalDeviceProperties")(adopted_.physical, &properties);
    info_.name = properties.deviceName;
    info_.type = properties.deviceType;
    info_.vendor_id = properties.vendorID;
    info_.device_id = properties.deviceID;
    info_.driver_version = properties.driverVersion;
    info_.limits = properties.limits;
    info_.api_version = std::min(properties.apiVersion, adopted_.api_version);
    for (const char* name : adopted_.extensions) info_.extensions_used.emplace_back(name);
    get<PFN_vkGetPhysicalDeviceMemoryProperties>("vkGetPhysicalDeviceMemoryProperties")(adopted_.physical,
                                                                                        &info_.memory);
    for (std::uint32_t heap = 0; heap < info_.memory.memoryHeapCount; ++heap)
      info_.budgets[heap] = info_.memory.memoryHeaps[heap].size;
    read_features();
    read_sizes();
    read_budgets();
    return std::move(info_);
  }

 private:
  template <typename Pfn>
  [[nodiscard]] Pfn get(const char* name) const {
    return reinterpret_cast<Pfn>(adopted_.get_instance_proc(adopted_.instance, name));
  }
  [[nodiscard]] bool has(std::uint32_t core, std::string_view extension) const {
    return info_.api_version >= core ||
           std::ranges::any_of(adopted_.extensions, [&](const char* name) { return extension == name; });
  }
  // A member of the structure of that type in the engine's chain; false without one.
  template <typename Features>
  [[nodiscard]] bool is_on(VkStructureType type, VkBool32 Features::*member) const {
    const auto* features = find_in_chain<const Features>(adopted_.features, type);
    return features != nullptr && features->*member == VK_TRUE;
  }

  void read_features() {
    info_.has_dedicated_allocation = has(VK_API_VERSION_1_1, VK_KHR_DEDICATED_ALLOCATION_EXTENSION_NAME);
    info_.has_memory_budget = has(~0u, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
    info_.has_memory_priority = is_on(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PRIORITY_FEATURES_EXT,
                                      &VkPhysicalDeviceMemoryPriorityFeaturesEXT::memoryPriority);
    info_.has_maintenance4 =
        is_on(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES, &VkPhysicalDeviceVulkan13Features::maintenance4) ||
        is_on(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_FEATURES,
              &VkPhysicalDeviceMaintenance4Features::maintenance4);
    if (is_on(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
              &VkPhysicalDeviceVulkan12Features::bufferDeviceAddress))
      info_.features.add(DeviceFeature::buffer_device_address);
    if (is_on(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES,
              &VkPhysicalDeviceVulkan11Features::protectedMemory))
      info_.features.add(DeviceFeature::protected_memory);
#define VKMEMBENCH_ROW(name, extension, core, structure, type, member, ...) \
  if (is_on(type, &structure::member)) info_.features.add(DeviceFeature::name);
    VKMEMBENCH_DEVICE_FEATURES(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
    info_.offered = info_.features;
  }

  void read_sizes() {
    if (info_.api_version < VK_API_VERSION_1_1) return;
    VkPhysicalDeviceMaintenance4Properties maintenance4{};
    maintenance4.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_PROPERTIES;
    VkPhysicalDeviceMaintenance3Properties maintenance3{};
    maintenance3.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES;
    maintenance3.pNext = info_.has_maintenance4 ? &maintenance4 : nullptr;
    VkPhysicalDeviceProperties2 properties{};
    properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
    properties.pNext = &maintenance3;
    get<PFN_vkGetPhysicalDeviceProperties2>("vkGetPhysicalDeviceProperties2")(adopted_.physical, &properties);
    info_.max_memory_allocation_size = maintenance3.maxMemoryAllocationSize;
    if (info_.has_maintenance4) info_.max_buffer_size = maintenance4.maxBufferSize;
  }

  void read_budgets() {
    if (!info_.has_memory_budget || info_.api_version < VK_API_VERSION_1_1) return;
    VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{};
    budget.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT;
    VkPhysicalDeviceMemoryProperties2 memory{};
    memory.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2;
    memory.pNext = &budget;
    get<PFN_vkGetPhysicalDeviceMemoryProperties2>("vkGetPhysicalDeviceMemoryProperties2")(adopted_.physical, &memory);
    for (std::uint32_t heap = 0; heap < info_.memory.memoryHeapCount; ++heap)
      info_.budgets[heap] = budget.heapBudget[heap];
  }

  const AdoptedDevice& adopted_;
  DeviceInfo info_;
};

class Adopted final : public DeviceOwner {
 public:
  explicit Adopted(const AdoptedDevice& adopted) : info_(Description(adopted).make()) {
    device_.fn = vulkan_functions(adopted.get_instance_proc, adopted.instance, adopted.handle, info_);
    device_.instance = adopted.instance;
    device_.physical = adopted.physical;
    device_.handle = adopted.handle;
    device_.queue = adopted.queue;
    device_.queue_family = adopted.queue_family;
    device_.info = &info_;
    device_.host = adopted.host;
  }
  [[nodiscard]] Device device() const override { return device_; }

 private:
  DeviceInfo info_;
  Device device_;
};

}  // namespace

std::unique_ptr<DeviceOwner> adopt_vulkan_device(const AdoptedDevice& adopted) {
  return std::make_unique<Adopted>(adopted);
}

}  // namespace vkmembench
