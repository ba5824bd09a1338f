#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <string_view>
#include <variant>

// The limits that a profile holds. Only what reads and writes profiles includes this.
namespace vkmembench {

// A limit by Vulkan's name; alignments are powers of two.
struct LimitRow {
  std::string_view name;
  std::variant<std::uint32_t VkPhysicalDeviceLimits::*, VkDeviceSize VkPhysicalDeviceLimits::*> member;
  bool power = false;
};
inline const LimitRow kLimits[] = {
#define VKMEMBENCH_ROW(name) \
  { #name, &VkPhysicalDeviceLimits::name }
#define VKMEMBENCH_POWER(name) \
  { #name, &VkPhysicalDeviceLimits::name, true }
    VKMEMBENCH_ROW(maxImageDimension1D),
    VKMEMBENCH_ROW(maxImageDimension2D),
    VKMEMBENCH_ROW(maxImageDimension3D),
    VKMEMBENCH_ROW(maxImageDimensionCube),
    VKMEMBENCH_ROW(maxImageArrayLayers),
    VKMEMBENCH_ROW(maxTexelBufferElements),
    VKMEMBENCH_ROW(maxUniformBufferRange),
    VKMEMBENCH_ROW(maxStorageBufferRange),
    VKMEMBENCH_ROW(maxMemoryAllocationCount),
    VKMEMBENCH_ROW(maxBoundDescriptorSets),
    VKMEMBENCH_ROW(maxPerStageDescriptorSamplers),
    VKMEMBENCH_ROW(maxPerStageDescriptorUniformBuffers),
    VKMEMBENCH_ROW(maxPerStageDescriptorStorageBuffers),
    VKMEMBENCH_ROW(maxPerStageDescriptorSampledImages),
    VKMEMBENCH_ROW(maxPerStageDescriptorStorageImages),
    VKMEMBENCH_ROW(maxPerStageResources),
    VKMEMBENCH_ROW(maxDescriptorSetSamplers),
    VKMEMBENCH_ROW(maxDescriptorSetUniformBuffers),
    VKMEMBENCH_ROW(maxDescriptorSetStorageBuffers),
    VKMEMBENCH_ROW(maxDescriptorSetSampledImages),
    VKMEMBENCH_ROW(maxDescriptorSetStorageImages),
    VKMEMBENCH_POWER(bufferImageGranularity),
    VKMEMBENCH_POWER(minTexelBufferOffsetAlignment),
    VKMEMBENCH_POWER(minUniformBufferOffsetAlignment),
    VKMEMBENCH_POWER(minStorageBufferOffsetAlignment),
    VKMEMBENCH_POWER(optimalBufferCopyOffsetAlignment),
    VKMEMBENCH_POWER(optimalBufferCopyRowPitchAlignment),
    VKMEMBENCH_POWER(nonCoherentAtomSize),
#undef VKMEMBENCH_ROW
#undef VKMEMBENCH_POWER
};

// Sample counts, which a profile may leave out.
struct SampleRow {
  std::string_view name;
  VkSampleCountFlags VkPhysicalDeviceLimits::*member;
};
inline constexpr SampleRow kSampleLimits[] = {
#define VKMEMBENCH_ROW(name) \
  { #name, &VkPhysicalDeviceLimits::name }
    VKMEMBENCH_ROW(framebufferColorSampleCounts),    VKMEMBENCH_ROW(framebufferDepthSampleCounts),
    VKMEMBENCH_ROW(framebufferStencilSampleCounts),  VKMEMBENCH_ROW(sampledImageColorSampleCounts),
    VKMEMBENCH_ROW(sampledImageIntegerSampleCounts), VKMEMBENCH_ROW(sampledImageDepthSampleCounts),
    VKMEMBENCH_ROW(sampledImageStencilSampleCounts), VKMEMBENCH_ROW(storageImageSampleCounts),
#undef VKMEMBENCH_ROW
};

}  // namespace vkmembench
