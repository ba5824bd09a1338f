#include "allocator/device/layers/recording_layer.h"

#include "allocator/device/chain.h"

namespace vkmembench {

void RecordingLayer::note_invalid(CallRecord& record, const VkMemoryAllocateInfo* info, const VkAllocationCallbacks*,
                                  const VkDeviceMemory*) const {
  const VkPhysicalDeviceMemoryProperties& memory = next().info->memory;
  if (info->memoryTypeIndex < memory.memoryTypeCount &&
      info->allocationSize <= memory.memoryHeaps[memory.memoryTypes[info->memoryTypeIndex].heapIndex].size)
    return;
  record.invalid.push_back({record.position, info->allocationSize, info->memoryTypeIndex});
}

void RecordingLayer::note_allocation(CallRecord& record, VkResult result, const VkMemoryAllocateInfo* info,
                                     const VkAllocationCallbacks*, const VkDeviceMemory* memory) const {
  if (result != VK_SUCCESS) return;
  const bool dedicated = find_in_chain<VkMemoryDedicatedAllocateInfo>(
                             info->pNext, VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO) != nullptr;
  record.memory.push_back({.memory = *memory,
                           .size = info->allocationSize,
                           .position = record.position,
                           .stamp = stamps_ ? read_ticks() : 0,
                           .memory_type = info->memoryTypeIndex,
                           .freed = false,
                           .dedicated = dedicated});
}

void RecordingLayer::note_free(CallRecord& record, VkDeviceMemory memory, const VkAllocationCallbacks*) const {
  if (memory == VK_NULL_HANDLE) return;
  record.memory.push_back({.memory = memory,
                           .size = 0,
                           .position = record.position,
                           .stamp = stamps_ ? read_ticks() : 0,
                           .memory_type = 0,
                           .freed = true,
                           .dedicated = false});
}

}  // namespace vkmembench
