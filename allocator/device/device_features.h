#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// The features that a request may need beyond those of every device: X(name, extension, core, structure, type, member,
// also, buffer usages, image usages). From the version `core` on no extension is needed; `also` is an extension that
// the first one builds on. A device is opened with those that the trace asks for and the device offers.
// clang-format off
#define VKMEMBENCH_DEVICE_FEATURES(X) \
  X(buffer_device_address, VK_KHR_BUFFER_DEVICE_ADDRESS_EXTENSION_NAME, VK_API_VERSION_1_2, \
    VkPhysicalDeviceBufferDeviceAddressFeatures, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_BUFFER_DEVICE_ADDRESS_FEATURES, \
    bufferDeviceAddress, "", VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT, 0) \
  X(acceleration_structure, VK_KHR_ACCELERATION_STRUCTURE_EXTENSION_NAME, kNeverCore, \
    VkPhysicalDeviceAccelerationStructureFeaturesKHR, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ACCELERATION_STRUCTURE_FEATURES_KHR, \
    accelerationStructure, VK_KHR_DEFERRED_HOST_OPERATIONS_EXTENSION_NAME, \
    VK_BUFFER_USAGE_ACCELERATION_STRUCTURE_BUILD_INPUT_READ_ONLY_BIT_KHR | VK_BUFFER_USAGE_ACCELERATION_STRUCTURE_STORAGE_BIT_KHR, 0) \
  X(ray_tracing_pipeline, VK_KHR_RAY_TRACING_PIPELINE_EXTENSION_NAME, kNeverCore, \
    VkPhysicalDeviceRayTracingPipelineFeaturesKHR, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_RAY_TRACING_PIPELINE_FEATURES_KHR, \
    rayTracingPipeline, VK_KHR_ACCELERATION_STRUCTURE_EXTENSION_NAME, VK_BUFFER_USAGE_SHADER_BINDING_TABLE_BIT_KHR, 0) \
  X(opacity_micromap, VK_EXT_OPACITY_MICROMAP_EXTENSION_NAME, kNeverCore, \
    VkPhysicalDeviceOpacityMicromapFeaturesEXT, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_OPACITY_MICROMAP_FEATURES_EXT, \
    micromap, VK_KHR_ACCELERATION_STRUCTURE_EXTENSION_NAME, \
    VK_BUFFER_USAGE_MICROMAP_BUILD_INPUT_READ_ONLY_BIT_EXT | VK_BUFFER_USAGE_MICROMAP_STORAGE_BIT_EXT, 0) \
  X(transform_feedback, VK_EXT_TRANSFORM_FEEDBACK_EXTENSION_NAME, kNeverCore, \
    VkPhysicalDeviceTransformFeedbackFeaturesEXT, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TRANSFORM_FEEDBACK_FEATURES_EXT, \
    transformFeedback, "", \
    VK_BUFFER_USAGE_TRANSFORM_FEEDBACK_BUFFER_BIT_EXT | VK_BUFFER_USAGE_TRANSFORM_FEEDBACK_COUNTER_BUFFER_BIT_EXT, 0) \
  X(conditional_rendering, VK_EXT_CONDITIONAL_RENDERING_EXTENSION_NAME, kNeverCore, \
    VkPhysicalDeviceConditionalRenderingFeaturesEXT, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_CONDITIONAL_RENDERING_FEATURES_EXT, \
    conditionalRendering, "", VK_BUFFER_USAGE_CONDITIONAL_RENDERING_BIT_EXT, 0) \
  X(descriptor_buffer, VK_EXT_DESCRIPTOR_BUFFER_EXTENSION_NAME, kNeverCore, \
    VkPhysicalDeviceDescriptorBufferFeaturesEXT, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DESCRIPTOR_BUFFER_FEATURES_EXT, \
    descriptorBuffer, "", \
    VK_BUFFER_USAGE_SAMPLER_DESCRIPTOR_BUFFER_BIT_EXT | VK_BUFFER_USAGE_RESOURCE_DESCRIPTOR_BUFFER_BIT_EXT, 0) \
  X(fragment_shading_rate, VK_KHR_FRAGMENT_SHADING_RATE_EXTENSION_NAME, kNeverCore, \
    VkPhysicalDeviceFragmentShadingRateFeaturesKHR, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FRAGMENT_SHADING_RATE_FEATURES_KHR, \
    attachmentFragmentShadingRate, "", 0, VK_IMAGE_USAGE_FRAGMENT_SHADING_RATE_ATTACHMENT_BIT_KHR) \
  X(fragment_density_map, VK_EXT_FRAGMENT_DENSITY_MAP_EXTENSION_NAME, kNeverCore, \
    VkPhysicalDeviceFragmentDensityMapFeaturesEXT, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FRAGMENT_DENSITY_MAP_FEATURES_EXT, \
    fragmentDensityMap, "", 0, VK_IMAGE_USAGE_FRAGMENT_DENSITY_MAP_BIT_EXT) \
  X(attachment_feedback_loop, VK_EXT_ATTACHMENT_FEEDBACK_LOOP_LAYOUT_EXTENSION_NAME, kNeverCore, \
    VkPhysicalDeviceAttachmentFeedbackLoopLayoutFeaturesEXT, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ATTACHMENT_FEEDBACK_LOOP_LAYOUT_FEATURES_EXT, \
    attachmentFeedbackLoopLayout, "", 0, VK_IMAGE_USAGE_ATTACHMENT_FEEDBACK_LOOP_BIT_EXT) \
  X(protected_memory, "", VK_API_VERSION_1_1, \
    VkPhysicalDeviceProtectedMemoryFeatures, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROTECTED_MEMORY_FEATURES, \
    protectedMemory, "", 0, 0)
// clang-format on

namespace vkmembench {

inline constexpr std::uint32_t kNeverCore = ~0u;

enum class DeviceFeature : std::uint8_t {
#define VKMEMBENCH_ROW(name, ...) name,
  VKMEMBENCH_DEVICE_FEATURES(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
      count
};
inline constexpr std::size_t kDeviceFeatureCount = static_cast<std::size_t>(DeviceFeature::count);

struct DeviceFeatureInfo {
  std::string_view name;
  std::string_view extension;  // empty: none
  std::uint32_t core;
  std::string_view also;
  VkBufferUsageFlags buffer_usages;
  VkImageUsageFlags image_usages;
};
inline constexpr std::array<DeviceFeatureInfo, kDeviceFeatureCount> kDeviceFeatures = {{
#define VKMEMBENCH_ROW(name, extension, core, structure, type, member, also, buffers, images) \
  {#name, extension, core, also, buffers, images},
    VKMEMBENCH_DEVICE_FEATURES(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
}};

// A set of them.
class DeviceFeatureSet {
 public:
  constexpr DeviceFeatureSet() = default;
  static constexpr DeviceFeatureSet all() {
    DeviceFeatureSet features;
    features.bits_ = ~0u;
    return features;
  }
  constexpr void add(DeviceFeature feature) { bits_ |= bit(feature); }
  [[nodiscard]] constexpr bool has(DeviceFeature feature) const { return (bits_ & bit(feature)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  friend constexpr DeviceFeatureSet operator&(DeviceFeatureSet a, DeviceFeatureSet b) {
    a.bits_ &= b.bits_;
    return a;
  }
  friend constexpr DeviceFeatureSet operator|(DeviceFeatureSet a, DeviceFeatureSet b) {
    a.bits_ |= b.bits_;
    return a;
  }
  friend constexpr bool operator==(DeviceFeatureSet, DeviceFeatureSet) = default;

 private:
  static constexpr std::uint32_t bit(DeviceFeature feature) { return 1u << static_cast<unsigned>(feature); }
  std::uint32_t bits_ = 0;
};
static_assert(kDeviceFeatureCount <= 32);

// The usages that resources of a device with these features may have: those of Vulkan 1.0, and the features' own.
[[nodiscard]] constexpr VkBufferUsageFlags buffer_usages_of(DeviceFeatureSet features) {
  VkBufferUsageFlags usages = 2u * VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT - 1;
  for (std::size_t i = 0; i < kDeviceFeatureCount; ++i)
    if (features.has(static_cast<DeviceFeature>(i))) usages |= kDeviceFeatures[i].buffer_usages;
  return usages;
}
[[nodiscard]] constexpr VkImageUsageFlags image_usages_of(DeviceFeatureSet features) {
  VkImageUsageFlags usages = 2u * VK_IMAGE_USAGE_INPUT_ATTACHMENT_BIT - 1;
  for (std::size_t i = 0; i < kDeviceFeatureCount; ++i)
    if (features.has(static_cast<DeviceFeature>(i))) usages |= kDeviceFeatures[i].image_usages;
  return usages;
}
// The features that such usages need, as far as a feature gives them.
[[nodiscard]] constexpr DeviceFeatureSet features_for(VkBufferUsageFlags buffer_usages,
                                                      VkImageUsageFlags image_usages) {
  DeviceFeatureSet features;
  for (std::size_t i = 0; i < kDeviceFeatureCount; ++i)
    if ((kDeviceFeatures[i].buffer_usages & buffer_usages) != 0 ||
        (kDeviceFeatures[i].image_usages & image_usages) != 0)
      features.add(static_cast<DeviceFeature>(i));
  return features;
}

}  // namespace vkmembench
