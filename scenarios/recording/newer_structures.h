#pragma once

#include <vulkan/vulkan_core.h>

#include <cstddef>
#include <cstdint>

namespace vkmembench {

// What is newer than the oldest Vulkan headers that this project builds with, as the registry has it.
// NOLINTBEGIN(readability-identifier-naming)

// VK_EXT_frame_boundary.
inline constexpr auto kFrameBoundaryType = static_cast<VkStructureType>(1000375001);
struct FrameBoundary {
  VkStructureType sType;
  const void* pNext;
  VkFlags flags;
  std::uint64_t frameID;
  std::uint32_t imageCount;
  const VkImage* pImages;
  std::uint32_t bufferCount;
  const VkBuffer* pBuffers;
  std::uint64_t tagName;
  std::size_t tagSize;
  const void* pTag;
};
inline constexpr VkFlags kFrameEnds = 1;

// VK_EXT_layer_settings.
inline constexpr auto kLayerSettingsType = static_cast<VkStructureType>(1000496000);
enum class LayerSettingType : std::int32_t { bool32, int32, int64, uint32, uint64, float32, float64, string };
struct LayerSetting {
  const char* pLayerName;
  const char* pSettingName;
  LayerSettingType type;
  std::uint32_t valueCount;
  const void* pValues;
};
struct LayerSettings {
  VkStructureType sType;
  const void* pNext;
  std::uint32_t settingCount;
  const LayerSetting* pSettings;
};

// VK_KHR_maintenance5: usages beyond 32 bits, instead of a buffer's own.
inline constexpr auto kBufferUsage2Type = static_cast<VkStructureType>(1000470006);
struct BufferUsage2 {
  VkStructureType sType;
  const void* pNext;
  std::uint64_t usage;
};

// VK_KHR_map_memory2.
struct MapInfo {
  VkStructureType sType;
  const void* pNext;
  VkFlags flags;
  VkDeviceMemory memory;
  VkDeviceSize offset;
  VkDeviceSize size;
};
struct UnmapInfo {
  VkStructureType sType;
  const void* pNext;
  VkFlags flags;
  VkDeviceMemory memory;
};
using MapMemory2 = VkResult(VKAPI_PTR*)(VkDevice, const MapInfo*, void**);
using UnmapMemory2 = VkResult(VKAPI_PTR*)(VkDevice, const UnmapInfo*);
// NOLINTEND(readability-identifier-naming)

}  // namespace vkmembench
