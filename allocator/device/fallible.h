#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <span>

#include "allocator/device/entry_points.h"

namespace vkmembench {

// A call that may fail without anybody's fault, and what Vulkan lets it say then.
struct FallibleCall {
  EntryPoint entry;
  std::span<const VkResult> results;
};

namespace fallible {

inline constexpr std::array kMemory = {VK_ERROR_OUT_OF_DEVICE_MEMORY, VK_ERROR_OUT_OF_HOST_MEMORY};
inline constexpr std::array kDeviceMemory = {VK_ERROR_OUT_OF_DEVICE_MEMORY};
inline constexpr std::array kObjects = {VK_ERROR_OUT_OF_DEVICE_MEMORY, VK_ERROR_OUT_OF_HOST_MEMORY,
                                        VK_ERROR_TOO_MANY_OBJECTS};
inline constexpr std::array kMapping = {VK_ERROR_MEMORY_MAP_FAILED, VK_ERROR_OUT_OF_HOST_MEMORY,
                                        VK_ERROR_OUT_OF_DEVICE_MEMORY};
inline constexpr std::array kQueue = {VK_ERROR_OUT_OF_DEVICE_MEMORY, VK_ERROR_OUT_OF_HOST_MEMORY, VK_ERROR_DEVICE_LOST};
inline constexpr std::array kWait = {VK_ERROR_OUT_OF_DEVICE_MEMORY, VK_ERROR_OUT_OF_HOST_MEMORY, VK_ERROR_DEVICE_LOST,
                                     VK_TIMEOUT};
inline constexpr std::array kDescriptorPool = {VK_ERROR_OUT_OF_DEVICE_MEMORY, VK_ERROR_OUT_OF_HOST_MEMORY,
                                               VK_ERROR_FRAGMENTATION};
inline constexpr std::array kDescriptorSets = {VK_ERROR_OUT_OF_POOL_MEMORY, VK_ERROR_FRAGMENTED_POOL,
                                               VK_ERROR_OUT_OF_HOST_MEMORY};

}  // namespace fallible

// Every such call of a strategy or of a replay: what makes, binds, maps or synchronises memory and resources, and the
// machinery of copies and descriptors. Its failure is survived.
inline constexpr std::array<FallibleCall, 23> kFallible = {{
    {EntryPoint::allocate_memory, fallible::kObjects},
    {EntryPoint::create_buffer, fallible::kMemory},
    {EntryPoint::create_image, fallible::kMemory},
    {EntryPoint::bind_buffer_memory, fallible::kMemory},
    {EntryPoint::bind_buffer_memory2, fallible::kMemory},
    {EntryPoint::bind_image_memory, fallible::kMemory},
    {EntryPoint::bind_image_memory2, fallible::kMemory},
    {EntryPoint::map_memory, fallible::kMapping},
    {EntryPoint::flush_mapped_memory_ranges, fallible::kMemory},
    {EntryPoint::invalidate_mapped_memory_ranges, fallible::kMemory},
    {EntryPoint::create_command_pool, fallible::kMemory},
    {EntryPoint::allocate_command_buffers, fallible::kMemory},
    {EntryPoint::begin_command_buffer, fallible::kMemory},
    {EntryPoint::end_command_buffer, fallible::kMemory},
    {EntryPoint::create_fence, fallible::kMemory},
    {EntryPoint::reset_fences, fallible::kDeviceMemory},
    {EntryPoint::queue_submit, fallible::kQueue},
    {EntryPoint::queue_bind_sparse, fallible::kQueue},
    {EntryPoint::wait_for_fences, fallible::kWait},
    {EntryPoint::device_wait_idle, fallible::kQueue},
    {EntryPoint::create_descriptor_set_layout, fallible::kMemory},
    {EntryPoint::create_descriptor_pool, fallible::kDescriptorPool},
    {EntryPoint::allocate_descriptor_sets, fallible::kDescriptorSets},
}};

}  // namespace vkmembench
