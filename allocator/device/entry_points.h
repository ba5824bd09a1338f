#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <cstddef>
#include <string_view>

// Every Vulkan entry point that the project calls: X(VulkanName, snake_name, dispatch), where dispatch says what the
// first argument is. Layers intercept physical, device and queue calls; command recording passes through untouched. One
// row here gives the table member, the interception, the counters and the metric `api.SNAKE_NAME_count`.
#define VKMEMBENCH_ENTRY_POINTS(X)                                                                 \
  X(GetPhysicalDeviceProperties, get_physical_device_properties, physical)                         \
  X(GetPhysicalDeviceMemoryProperties, get_physical_device_memory_properties, physical)            \
  X(GetPhysicalDeviceMemoryProperties2, get_physical_device_memory_properties2, physical)          \
  X(GetPhysicalDeviceImageFormatProperties, get_physical_device_image_format_properties, physical) \
  X(AllocateMemory, allocate_memory, device)                                                       \
  X(FreeMemory, free_memory, device)                                                               \
  X(GetDeviceMemoryCommitment, get_device_memory_commitment, device)                               \
  X(MapMemory, map_memory, device)                                                                 \
  X(UnmapMemory, unmap_memory, device)                                                             \
  X(FlushMappedMemoryRanges, flush_mapped_memory_ranges, device)                                   \
  X(InvalidateMappedMemoryRanges, invalidate_mapped_memory_ranges, device)                         \
  X(CreateBuffer, create_buffer, device)                                                           \
  X(DestroyBuffer, destroy_buffer, device)                                                         \
  X(CreateImage, create_image, device)                                                             \
  X(DestroyImage, destroy_image, device)                                                           \
  X(GetBufferMemoryRequirements, get_buffer_memory_requirements, device)                           \
  X(GetImageMemoryRequirements, get_image_memory_requirements, device)                             \
  X(GetBufferMemoryRequirements2, get_buffer_memory_requirements2, device)                         \
  X(GetImageMemoryRequirements2, get_image_memory_requirements2, device)                           \
  X(GetImageSparseMemoryRequirements, get_image_sparse_memory_requirements, device)                \
  X(GetDeviceBufferMemoryRequirements, get_device_buffer_memory_requirements, device)              \
  X(GetDeviceImageMemoryRequirements, get_device_image_memory_requirements, device)                \
  X(BindBufferMemory, bind_buffer_memory, device)                                                  \
  X(BindImageMemory, bind_image_memory, device)                                                    \
  X(BindBufferMemory2, bind_buffer_memory2, device)                                                \
  X(BindImageMemory2, bind_image_memory2, device)                                                  \
  X(CreateCommandPool, create_command_pool, device)                                                \
  X(DestroyCommandPool, destroy_command_pool, device)                                              \
  X(ResetCommandPool, reset_command_pool, device)                                                  \
  X(AllocateCommandBuffers, allocate_command_buffers, device)                                      \
  X(FreeCommandBuffers, free_command_buffers, device)                                              \
  X(CreateFence, create_fence, device)                                                             \
  X(DestroyFence, destroy_fence, device)                                                           \
  X(ResetFences, reset_fences, device)                                                             \
  X(WaitForFences, wait_for_fences, device)                                                        \
  X(DeviceWaitIdle, device_wait_idle, device)                                                      \
  X(CreateDescriptorSetLayout, create_descriptor_set_layout, device)                               \
  X(DestroyDescriptorSetLayout, destroy_descriptor_set_layout, device)                             \
  X(CreateDescriptorPool, create_descriptor_pool, device)                                          \
  X(DestroyDescriptorPool, destroy_descriptor_pool, device)                                        \
  X(AllocateDescriptorSets, allocate_descriptor_sets, device)                                      \
  X(UpdateDescriptorSets, update_descriptor_sets, device)                                          \
  X(QueueSubmit, queue_submit, queue)                                                              \
  X(QueueBindSparse, queue_bind_sparse, queue)                                                     \
  X(BeginCommandBuffer, begin_command_buffer, command)                                             \
  X(EndCommandBuffer, end_command_buffer, command)                                                 \
  X(CmdCopyBuffer, cmd_copy_buffer, command)                                                       \
  X(CmdCopyImage, cmd_copy_image, command)                                                         \
  X(CmdCopyBufferToImage, cmd_copy_buffer_to_image, command)                                       \
  X(CmdCopyImageToBuffer, cmd_copy_image_to_buffer, command)                                       \
  X(CmdPipelineBarrier, cmd_pipeline_barrier, command)

namespace vkmembench {

enum class Dispatch { physical, device, queue, command };

enum class EntryPoint : std::size_t {
#define VKMEMBENCH_ROW(vulkan, snake, dispatch) snake,
  VKMEMBENCH_ENTRY_POINTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
      count
};
inline constexpr std::size_t kEntryPointCount = static_cast<std::size_t>(EntryPoint::count);

inline constexpr std::array<std::string_view, kEntryPointCount> kEntryPointNames = {
#define VKMEMBENCH_ROW(vulkan, snake, dispatch) #snake,
    VKMEMBENCH_ENTRY_POINTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
};

// Optional entry points are null when the device lacks them; Device::has() of device.h says which may be.
struct DeviceTable {
#define VKMEMBENCH_ROW(vulkan, snake, dispatch) PFN_vk##vulkan snake = nullptr;
  VKMEMBENCH_ENTRY_POINTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
};

}  // namespace vkmembench
