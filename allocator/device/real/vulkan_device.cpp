#include "allocator/device/real/vulkan_device.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "allocator/device/real/feature_chain.h"
#include "allocator/device/real/vulkan_functions.h"
#include "allocator/device/real/vulkan_info.h"

namespace vkmembench {
namespace {

struct QueueFamily {
  std::uint32_t index;
  VkQueueFlags flags;
};

// A family that copies images in any region and size: graphics with compute, then graphics or compute, then transfer.
std::optional<QueueFamily> pick_queue_family(const VulkanInstance& instance, VkPhysicalDevice physical) {
  const auto get =
      instance.get<PFN_vkGetPhysicalDeviceQueueFamilyProperties>("vkGetPhysicalDeviceQueueFamilyProperties");
  std::uint32_t count = 0;
  get(physical, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  get(physical, &count, families.data());
  constexpr VkQueueFlags kBoth = VK_QUEUE_GRAPHICS_BIT | VK_QUEUE_COMPUTE_BIT;
  for (const VkQueueFlags wanted : {kBoth, VkQueueFlags{VK_QUEUE_GRAPHICS_BIT}, VkQueueFlags{VK_QUEUE_COMPUTE_BIT},
                                    VkQueueFlags{VK_QUEUE_TRANSFER_BIT}})
    for (std::uint32_t family = 0; family < count; ++family)
      if ((families[family].queueFlags & wanted) == wanted && families[family].queueCount > 0)
        return QueueFamily{family, families[family].queueFlags};
  return std::nullopt;
}

class VulkanDevice final : public DeviceOwner {
 public:
  VulkanDevice(std::size_t index, const VulkanOptions& options) : host_(options.host) {
    std::string reason;
    instance_ = VulkanInstance::create(options, errors_, reason);
    if (instance_ == nullptr) throw Error(reason, ErrorKind::no_device);
    if (index >= instance_->devices().size())
      throw Error("no Vulkan device " + std::to_string(index) + ": this machine has " +
                      std::to_string(instance_->devices().size()),
                  ErrorKind::no_device);
    device_.instance = instance_->handle();
    device_.physical = instance_->devices()[index];
    info_ = describe_vulkan_device(*instance_, device_.physical);
    info_.features = info_.offered & options.features;
    device_.info = &info_;
    const auto family = pick_queue_family(*instance_, device_.physical);
    if (!family) throw Error(info_.name + ": the device has no queue that copies; pick another", ErrorKind::no_device);
    device_.queue_family = family->index;
    if ((family->flags & VK_QUEUE_SPARSE_BINDING_BIT) == 0)
      info_.has_sparse_binding = info_.has_sparse_residency = false;
    create();
  }
  ~VulkanDevice() override {
    device_.fn.device_wait_idle(device_.handle);
    destroy_(device_.handle, host_);
  }
  VulkanDevice(const VulkanDevice&) = delete;
  VulkanDevice& operator=(const VulkanDevice&) = delete;

  [[nodiscard]] Device device() const override { return device_; }
  [[nodiscard]] std::vector<std::string> validation_errors() const override { return errors_.lines(); }

 private:
  void create() {
    const float priority = 1.0F;
    VkDeviceQueueCreateInfo queue{};
    queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
    queue.queueFamilyIndex = device_.queue_family;
    queue.queueCount = 1;
    queue.pQueuePriorities = &priority;
    std::vector<const char*> extensions;
    for (const std::string& name : info_.extensions_used) extensions.push_back(name.c_str());
    for (const std::string_view name : extensions_of_features()) extensions.push_back(name.data());

    VkPhysicalDeviceMemoryPriorityFeaturesEXT memory_priority{};
    memory_priority.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PRIORITY_FEATURES_EXT;
    memory_priority.memoryPriority = VK_TRUE;
    VkPhysicalDeviceMaintenance4Features maintenance4{};
    maintenance4.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_FEATURES;
    maintenance4.maintenance4 = VK_TRUE;
    VkPhysicalDeviceDescriptorIndexingFeatures indexing{};
    indexing.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DESCRIPTOR_INDEXING_FEATURES;
    indexing.descriptorBindingStorageBufferUpdateAfterBind = VK_TRUE;
    indexing.descriptorBindingUpdateUnusedWhilePending = VK_TRUE;
    indexing.descriptorBindingPartiallyBound = VK_TRUE;
    VkPhysicalDeviceFeatures features{};
    features.shaderStorageImageMultisample = info_.has_storage_image_multisample ? VK_TRUE : VK_FALSE;
    features.sparseBinding = info_.has_sparse_binding ? VK_TRUE : VK_FALSE;
    features.sparseResidencyBuffer = features.sparseResidencyImage2D = info_.has_sparse_residency ? VK_TRUE : VK_FALSE;
    VkDeviceCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
    if (info_.has_memory_priority) info.pNext = &memory_priority;
    if (info_.has_maintenance4) {
      maintenance4.pNext = const_cast<void*>(info.pNext);
      info.pNext = &maintenance4;
    }
    if (info_.has_update_after_bind) {
      indexing.pNext = const_cast<void*>(info.pNext);
      info.pNext = &indexing;
    }
    FeatureChain optional;
    optional.link(info, info_.features);
    optional.turn_on(info_.features);
    info.pEnabledFeatures = &features;
    info.queueCreateInfoCount = 1;
    info.pQueueCreateInfos = &queue;
    info.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
    info.ppEnabledExtensionNames = extensions.data();
    const VkResult made =
        instance_->get<PFN_vkCreateDevice>("vkCreateDevice")(device_.physical, &info, host_, &device_.handle);
    if (made != VK_SUCCESS)
      throw Error(info_.name + ": vkCreateDevice failed: " + result_name(made) + "; pick another device",
                  ErrorKind::no_device);

    const auto get_proc = instance_->get<PFN_vkGetDeviceProcAddr>("vkGetDeviceProcAddr");
    destroy_ = reinterpret_cast<PFN_vkDestroyDevice>(get_proc(device_.handle, "vkDestroyDevice"));
    device_.fn = vulkan_functions(instance_->get_proc(), device_.instance, device_.handle, info_);
    reinterpret_cast<PFN_vkGetDeviceQueue>(get_proc(device_.handle, "vkGetDeviceQueue"))(
        device_.handle, device_.queue_family, 0, &device_.queue);
  }

  // Of the features that are not in the core, each once.
  [[nodiscard]] std::vector<std::string_view> extensions_of_features() const {
    std::vector<std::string_view> names;
    const auto add = [&](std::string_view name) {
      if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
    };
    for (std::size_t i = 0; i < kDeviceFeatureCount; ++i) {
      const DeviceFeatureInfo& row = kDeviceFeatures[i];
      if (!info_.has(static_cast<DeviceFeature>(i)) || info_.api_version >= row.core) continue;
      add(row.extension);
      add(row.also);
    }
    return names;
  }

  ValidationLog errors_;  // outlives the instance, which writes to it until it is gone
  std::unique_ptr<VulkanInstance> instance_;
  DeviceInfo info_;
  Device device_;
  const VkAllocationCallbacks* host_;
  PFN_vkDestroyDevice destroy_ = nullptr;
};

}  // namespace

VulkanDevices list_vulkan_devices(const char* library) {
  VulkanDevices devices;
  VulkanOptions options;
  options.library = library;
  ValidationLog unused;
  const auto instance = VulkanInstance::create(options, unused, devices.reason);
  if (instance == nullptr) return devices;
  for (const VkPhysicalDevice physical : instance->devices())
    devices.infos.push_back(describe_vulkan_device(*instance, physical));
  return devices;
}

std::unique_ptr<DeviceOwner> open_vulkan_device(std::size_t index, const VulkanOptions& options) {
  return std::make_unique<VulkanDevice>(index, options);
}

}  // namespace vkmembench
