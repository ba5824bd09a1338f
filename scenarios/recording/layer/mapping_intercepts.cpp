// What the host maps, and what it says to have written or to be going to read.

#include <span>

#include "scenarios/recording/layer/noting.h"

namespace vkmembench {
namespace {

CapturedCall of_memory(CallKind kind, VkDeviceMemory memory, Offset offset = 0, Bytes size = 0) {
  return {.kind = kind, .other = handle_number(memory), .offset = offset, .size = size};
}

void note_ranges(LayeredDevice& layered, CallKind kind, std::uint32_t count, const VkMappedMemoryRange* ranges) {
  for (const VkMappedMemoryRange& range : std::span(ranges, count))
    note(layered, [&] { return of_memory(kind, range.memory, range.offset, range.size); });
}

}  // namespace

VKAPI_ATTR VkResult VKAPI_CALL intercept_map_memory(VkDevice device, VkDeviceMemory memory, VkDeviceSize offset,
                                                    VkDeviceSize size, VkMemoryMapFlags flags, void** data) {
  LayeredDevice& layered = vkmembench::layered(device);
  const VkResult result = layered.next.map_memory(device, memory, offset, size, flags, data);
  if (result == VK_SUCCESS) note(layered, [&] { return of_memory(CallKind::map, memory, offset, size); });
  return result;
}

VKAPI_ATTR VkResult VKAPI_CALL intercept_map_memory2(VkDevice device, const MapInfo* info, void** data) {
  LayeredDevice& layered = vkmembench::layered(device);
  const VkResult result = layered.next.map_memory2(device, info, data);
  if (result == VK_SUCCESS)
    note(layered, [&] { return of_memory(CallKind::map, info->memory, info->offset, info->size); });
  return result;
}

VKAPI_ATTR void VKAPI_CALL intercept_unmap_memory(VkDevice device, VkDeviceMemory memory) {
  LayeredDevice& layered = vkmembench::layered(device);
  note(layered, [&] { return of_memory(CallKind::unmap, memory); });
  layered.next.unmap_memory(device, memory);
}

VKAPI_ATTR VkResult VKAPI_CALL intercept_unmap_memory2(VkDevice device, const UnmapInfo* info) {
  LayeredDevice& layered = vkmembench::layered(device);
  note(layered, [&] { return of_memory(CallKind::unmap, info->memory); });
  return layered.next.unmap_memory2(device, info);
}

VKAPI_ATTR VkResult VKAPI_CALL intercept_flush_mapped_memory_ranges(VkDevice device, std::uint32_t count,
                                                                    const VkMappedMemoryRange* ranges) {
  LayeredDevice& layered = vkmembench::layered(device);
  note_ranges(layered, CallKind::flush, count, ranges);
  return layered.next.flush_mapped_memory_ranges(device, count, ranges);
}

VKAPI_ATTR VkResult VKAPI_CALL intercept_invalidate_mapped_memory_ranges(VkDevice device, std::uint32_t count,
                                                                         const VkMappedMemoryRange* ranges) {
  LayeredDevice& layered = vkmembench::layered(device);
  note_ranges(layered, CallKind::invalidate, count, ranges);
  return layered.next.invalidate_mapped_memory_ranges(device, count, ranges);
}

}  // namespace vkmembench
