#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>

#include "allocator/base/bytes.h"
#include "allocator/device/device.h"

namespace vkmembench {

inline constexpr float kDefaultPriority = 0.5F;  // VkMemoryPriorityAllocateInfoEXT's, where nobody states one

// What a VkDeviceMemory is made for, besides its size and type. Nothing by default: whatever fits may be bound to it.
struct MemoryFor {
  VkBuffer buffer = VK_NULL_HANDLE;  // dedicated to it in Vulkan's sense, or to the image
  VkImage image = VK_NULL_HANDLE;
  float priority = kDefaultPriority;
  VkExternalMemoryHandleTypeFlags export_handles = 0;
};

// What vkAllocateMemory is told, with its chain, which lives as long as this. Where buffers may be bound to the memory
// it may have addresses, if the device has the feature.
class MemoryInfo {
 public:
  MemoryInfo(const DeviceInfo& device, Bytes size, std::uint32_t memory_type, const MemoryFor& purpose) {
    info_.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
    info_.allocationSize = size;
    info_.memoryTypeIndex = memory_type;
    if (device.has_dedicated_allocation && (purpose.buffer != VK_NULL_HANDLE || purpose.image != VK_NULL_HANDLE)) {
      dedicated_.buffer = purpose.buffer;
      dedicated_.image = purpose.image;
      link(dedicated_, VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO);
    }
    if (device.has(DeviceFeature::buffer_device_address) && purpose.image == VK_NULL_HANDLE) {
      flags_.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT;
      link(flags_, VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO);
    }
    if (device.has_memory_priority && purpose.priority != kDefaultPriority) {
      priority_.priority = purpose.priority;
      link(priority_, VK_STRUCTURE_TYPE_MEMORY_PRIORITY_ALLOCATE_INFO_EXT);
    }
    if (purpose.export_handles != 0) {
      export_.handleTypes = purpose.export_handles;
      link(export_, VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO);
    }
  }
  MemoryInfo(const MemoryInfo&) = delete;
  MemoryInfo& operator=(const MemoryInfo&) = delete;
  [[nodiscard]] const VkMemoryAllocateInfo& get() const { return info_; }

 private:
  template <typename Structure>
  void link(Structure& structure, VkStructureType type) {
    structure.sType = type;
    structure.pNext = info_.pNext;
    info_.pNext = &structure;
  }

  VkMemoryAllocateInfo info_{};
  VkMemoryDedicatedAllocateInfo dedicated_{};
  VkMemoryAllocateFlagsInfo flags_{};
  VkMemoryPriorityAllocateInfoEXT priority_{};
  VkExportMemoryAllocateInfo export_{};
};

}  // namespace vkmembench
