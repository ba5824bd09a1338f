#include "allocator/device/real/vulkan_info.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "allocator/device/real/feature_chain.h"

namespace vkmembench {
namespace {

std::set<std::string> extensions_of(const VulkanInstance& instance, VkPhysicalDevice physical) {
  const auto enumerate = instance.get<PFN_vkEnumerateDeviceExtensionProperties>("vkEnumerateDeviceExtensionProperties");
  std::uint32_t count = 0;
  if (enumerate(physical, nullptr, &count, nullptr) != VK_SUCCESS) return {};
  std::vector<VkExtensionProperties> rows(count);
  if (enumerate(physical, nullptr, &count, rows.data()) != VK_SUCCESS) return {};
  std::set<std::string> names;
  for (const VkExtensionProperties& row : rows) names.emplace(row.extensionName);
  return names;
}

std::string hex_of(const std::uint8_t (&bytes)[VK_UUID_SIZE]) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15u];
  }
  return text;
}

// Appends `link` to a chain that starts at `head`.
template <typename Head, typename Link>
void chain(Head& head, Link& link) {
  link.pNext = head.pNext;
  head.pNext = &link;
}

// Fills what the extended queries tell. Requires the instance to have them.
class Query {
 public:
  Query(const VulkanInstance& instance, VkPhysicalDevice physical, DeviceInfo& info)
      : instance_(instance), physical_(physical), info_(info), offered_(extensions_of(instance, physical)) {}

  // In the core from `version` on, or as an extension, which is then used.
  bool use(std::uint32_t version, const char* extension) {
    if (info_.api_version >= version) return true;
    if (!offered_.contains(extension)) return false;
    info_.extensions_used.emplace_back(extension);
    return true;
  }
  // As `use`, with no extension of the device to turn on.
  [[nodiscard]] bool knows(std::uint32_t version, const char* extension) const {
    return info_.api_version >= version || offered_.contains(extension);
  }
  // The extension itself needs Vulkan 1.1.
  [[nodiscard]] bool knows_maintenance4() const {
    return info_.api_version >= VK_API_VERSION_1_1 && knows(VK_API_VERSION_1_3, VK_KHR_MAINTENANCE_4_EXTENSION_NAME);
  }

  void read_identity() {
    VkPhysicalDeviceIDProperties identity{};
    identity.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES;
    VkPhysicalDeviceMaintenance3Properties maintenance3{};
    maintenance3.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES;
    VkPhysicalDeviceMaintenance4Properties maintenance4{};
    maintenance4.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_PROPERTIES;
    VkPhysicalDeviceDriverProperties driver{};
    driver.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES;
    VkPhysicalDeviceProperties2 properties{};
    properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
    const bool has_identity = info_.api_version >= VK_API_VERSION_1_1;
    const bool has_largest = knows(VK_API_VERSION_1_1, VK_KHR_MAINTENANCE_3_EXTENSION_NAME);
    const bool has_largest_buffer = knows_maintenance4();
    const bool has_driver = knows(VK_API_VERSION_1_2, VK_KHR_DRIVER_PROPERTIES_EXTENSION_NAME);
    if (has_identity) chain(properties, identity);
    if (has_largest) chain(properties, maintenance3);
    if (has_largest_buffer) chain(properties, maintenance4);
    if (has_driver) chain(properties, driver);
    instance_.get_or_khr<PFN_vkGetPhysicalDeviceProperties2>("vkGetPhysicalDeviceProperties2")(physical_, &properties);
    if (has_identity) info_.uuid = hex_of(identity.deviceUUID);
    if (has_largest) info_.max_memory_allocation_size = maintenance3.maxMemoryAllocationSize;
    if (has_largest_buffer) info_.max_buffer_size = maintenance4.maxBufferSize;
    if (has_driver) {
      info_.driver_id = static_cast<std::uint32_t>(driver.driverID);
      info_.driver_name = driver.driverName;
      info_.driver_info = driver.driverInfo;
    }
  }

  void read_budgets() {
    if (!offered_.contains(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME)) return;
    info_.extensions_used.emplace_back(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
    info_.has_memory_budget = true;
    VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{};
    budget.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT;
    VkPhysicalDeviceMemoryProperties2 memory{};
    memory.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2;
    chain(memory, budget);
    instance_.get_or_khr<PFN_vkGetPhysicalDeviceMemoryProperties2>("vkGetPhysicalDeviceMemoryProperties2")(physical_,
                                                                                                           &memory);
    for (std::uint32_t heap = 0; heap < info_.memory.memoryHeapCount; ++heap)
      info_.budgets[heap] = budget.heapBudget[heap];
  }

  void read_features() {
    VkPhysicalDeviceMemoryPriorityFeaturesEXT priority{};
    priority.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PRIORITY_FEATURES_EXT;
    VkPhysicalDeviceMaintenance4Features maintenance4{};
    maintenance4.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_FEATURES;
    VkPhysicalDeviceDescriptorIndexingFeatures indexing{};
    indexing.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DESCRIPTOR_INDEXING_FEATURES;
    VkPhysicalDeviceFeatures2 features{};
    features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
    if (offered_.contains(VK_EXT_MEMORY_PRIORITY_EXTENSION_NAME)) chain(features, priority);
    if (knows_maintenance4()) chain(features, maintenance4);
    if (knows(VK_API_VERSION_1_2, VK_EXT_DESCRIPTOR_INDEXING_EXTENSION_NAME) &&
        knows(VK_API_VERSION_1_1, VK_KHR_MAINTENANCE_3_EXTENSION_NAME))
      chain(features, indexing);
    const DeviceFeatureSet known = known_features();
    FeatureChain optional;
    optional.link(features, known);
    if (features.pNext == nullptr) return;
    instance_.get_or_khr<PFN_vkGetPhysicalDeviceFeatures2>("vkGetPhysicalDeviceFeatures2")(physical_, &features);
    if (priority.memoryPriority == VK_TRUE) {
      info_.has_memory_priority = true;
      info_.extensions_used.emplace_back(VK_EXT_MEMORY_PRIORITY_EXTENSION_NAME);
    }
    if (maintenance4.maintenance4 == VK_TRUE)
      info_.has_maintenance4 = use(VK_API_VERSION_1_3, VK_KHR_MAINTENANCE_4_EXTENSION_NAME);
    if (indexing.descriptorBindingStorageBufferUpdateAfterBind == VK_TRUE &&
        indexing.descriptorBindingPartiallyBound == VK_TRUE &&
        indexing.descriptorBindingUpdateUnusedWhilePending == VK_TRUE)
      info_.has_update_after_bind = use(VK_API_VERSION_1_1, VK_KHR_MAINTENANCE_3_EXTENSION_NAME) &&
                                    use(VK_API_VERSION_1_2, VK_EXT_DESCRIPTOR_INDEXING_EXTENSION_NAME);
    if (info_.has_update_after_bind) read_bindless_limit();
    info_.offered = optional.on();
  }

  // Of a buffer and an image as most programs export them.
  void read_exports() {
    if (info_.api_version < VK_API_VERSION_1_1) return;
    const auto of_buffers =
        instance_.get<PFN_vkGetPhysicalDeviceExternalBufferProperties>("vkGetPhysicalDeviceExternalBufferProperties");
    const auto of_images =
        instance_.get<PFN_vkGetPhysicalDeviceImageFormatProperties2>("vkGetPhysicalDeviceImageFormatProperties2");
    const auto is_exportable = [](const VkExternalMemoryProperties& properties) {
      return (properties.externalMemoryFeatures & VK_EXTERNAL_MEMORY_FEATURE_EXPORTABLE_BIT) != 0;
    };
    for (const VkExternalMemoryHandleTypeFlagBits handle :
         {VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT, VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_WIN32_BIT,
          VK_EXTERNAL_MEMORY_HANDLE_TYPE_D3D11_TEXTURE_BIT, VK_EXTERNAL_MEMORY_HANDLE_TYPE_D3D12_RESOURCE_BIT}) {
      VkPhysicalDeviceExternalBufferInfo buffer{};
      buffer.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_BUFFER_INFO;
      buffer.usage =
          VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
      buffer.handleType = handle;
      VkExternalBufferProperties of_buffer{};
      of_buffer.sType = VK_STRUCTURE_TYPE_EXTERNAL_BUFFER_PROPERTIES;
      of_buffers(physical_, &buffer, &of_buffer);
      if (is_exportable(of_buffer.externalMemoryProperties))
        info_.exportable_buffers |= static_cast<VkExternalMemoryHandleTypeFlags>(handle);

      VkPhysicalDeviceExternalImageFormatInfo external{};
      external.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_IMAGE_FORMAT_INFO;
      external.handleType = handle;
      VkPhysicalDeviceImageFormatInfo2 image{};
      image.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2;
      image.pNext = &external;
      image.format = VK_FORMAT_R8G8B8A8_UNORM;
      image.type = VK_IMAGE_TYPE_2D;
      image.tiling = VK_IMAGE_TILING_OPTIMAL;
      image.usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
      VkExternalImageFormatProperties exported{};
      exported.sType = VK_STRUCTURE_TYPE_EXTERNAL_IMAGE_FORMAT_PROPERTIES;
      VkImageFormatProperties2 answer{};
      answer.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2;
      answer.pNext = &exported;
      if (of_images(physical_, &image, &answer) == VK_SUCCESS && is_exportable(exported.externalMemoryProperties))
        info_.exportable_images |= static_cast<VkExternalMemoryHandleTypeFlags>(handle);
    }
  }

 private:
  // Those that the device can be asked about.
  [[nodiscard]] DeviceFeatureSet known_features() const {
    DeviceFeatureSet known;
    const auto has = [&](std::string_view extension) {
      return extension.empty() || offered_.contains(std::string(extension));
    };
    for (std::size_t i = 0; i < kDeviceFeatureCount; ++i) {
      const DeviceFeatureInfo& row = kDeviceFeatures[i];
      const bool is_core = info_.api_version >= row.core;
      // Vulkan 1.3 has all that these extensions build on, but for `also`.
      const bool is_extension = !row.extension.empty() && info_.api_version >= VK_API_VERSION_1_3;
      if (is_core || (is_extension && has(row.extension) && has(row.also))) known.add(static_cast<DeviceFeature>(i));
    }
    return known;
  }
  void read_bindless_limit() {
    VkPhysicalDeviceDescriptorIndexingProperties indexing{};
    indexing.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DESCRIPTOR_INDEXING_PROPERTIES;
    VkPhysicalDeviceProperties2 properties{};
    properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
    chain(properties, indexing);
    instance_.get_or_khr<PFN_vkGetPhysicalDeviceProperties2>("vkGetPhysicalDeviceProperties2")(physical_, &properties);
    info_.max_bindless_storage_buffers = std::min(indexing.maxPerStageDescriptorUpdateAfterBindStorageBuffers,
                                                  indexing.maxDescriptorSetUpdateAfterBindStorageBuffers);
  }

  const VulkanInstance& instance_;
  VkPhysicalDevice physical_;
  DeviceInfo& info_;
  std::set<std::string> offered_;
};

}  // namespace

DeviceInfo describe_vulkan_device(const VulkanInstance& instance, VkPhysicalDevice physical) {
  VkPhysicalDeviceProperties properties{};
  instance.get<PFN_vkGetPhysicalDeviceProperties>("vkGetPhysicalDeviceProperties")(physical, &properties);
  DeviceInfo info;
  info.name = properties.deviceName;
  info.type = properties.deviceType;
  info.vendor_id = properties.vendorID;
  info.device_id = properties.deviceID;
  info.api_version = std::min({properties.apiVersion, instance.version(), kNewestVulkan});
  info.driver_version = properties.driverVersion;
  info.uuid = hex_of(properties.pipelineCacheUUID);  // unless the device has a UUID of its own
  info.limits = properties.limits;
  info.max_bindless_storage_buffers =  // unless the device has update-after-bind
      std::min(info.limits.maxPerStageDescriptorStorageBuffers, info.limits.maxDescriptorSetStorageBuffers);
  VkPhysicalDeviceFeatures features{};
  instance.get<PFN_vkGetPhysicalDeviceFeatures>("vkGetPhysicalDeviceFeatures")(physical, &features);
  info.has_storage_image_multisample = features.shaderStorageImageMultisample == VK_TRUE;
  info.has_sparse_binding = features.sparseBinding == VK_TRUE;
  info.has_sparse_residency = features.sparseResidencyBuffer == VK_TRUE && features.sparseResidencyImage2D == VK_TRUE;
  info.provenance.emplace_back("all", "reported by the driver");
  instance.get<PFN_vkGetPhysicalDeviceMemoryProperties>("vkGetPhysicalDeviceMemoryProperties")(physical, &info.memory);
  for (std::uint32_t heap = 0; heap < info.memory.memoryHeapCount; ++heap)
    info.budgets[heap] = info.memory.memoryHeaps[heap].size;

  Query query(instance, physical, info);
  if (instance.has_properties2()) {
    query.read_identity();
    query.read_budgets();
    query.read_features();
    query.read_exports();
  }
  if (query.use(VK_API_VERSION_1_1, VK_KHR_GET_MEMORY_REQUIREMENTS_2_EXTENSION_NAME))
    info.has_dedicated_allocation = query.use(VK_API_VERSION_1_1, VK_KHR_DEDICATED_ALLOCATION_EXTENSION_NAME);
  query.use(VK_API_VERSION_1_1, VK_KHR_BIND_MEMORY_2_EXTENSION_NAME);
  return info;
}

}  // namespace vkmembench
