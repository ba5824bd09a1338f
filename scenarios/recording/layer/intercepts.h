#pragma once

#include <vulkan/vulkan_core.h>

#include <string_view>
#include <type_traits>

#include "scenarios/recording/newer_structures.h"

namespace vkmembench {

// What the headers lack, named as the others are.
using PFN_vkMapMemory2 = MapMemory2;
using PFN_vkUnmapMemory2 = UnmapMemory2;

// X(VulkanName, snake_name, alias): the calls of a device that the layer looks at; an alias is the extension's suffix
// by which an older program calls the same. Each is a function intercept_SNAKE_NAME().
// clang-format off
#define VKMEMBENCH_INTERCEPTS(X) \
  X(DestroyDevice, destroy_device, "") \
  X(CreateBuffer, create_buffer, "") \
  X(DestroyBuffer, destroy_buffer, "") \
  X(CreateImage, create_image, "") \
  X(DestroyImage, destroy_image, "") \
  X(AllocateMemory, allocate_memory, "") \
  X(FreeMemory, free_memory, "") \
  X(BindBufferMemory, bind_buffer_memory, "") \
  X(BindImageMemory, bind_image_memory, "") \
  X(BindBufferMemory2, bind_buffer_memory2, "KHR") \
  X(BindImageMemory2, bind_image_memory2, "KHR") \
  X(QueueBindSparse, queue_bind_sparse, "") \
  X(MapMemory, map_memory, "") \
  X(UnmapMemory, unmap_memory, "") \
  X(MapMemory2, map_memory2, "KHR") \
  X(UnmapMemory2, unmap_memory2, "KHR") \
  X(FlushMappedMemoryRanges, flush_mapped_memory_ranges, "") \
  X(InvalidateMappedMemoryRanges, invalidate_mapped_memory_ranges, "") \
  X(CmdCopyBuffer, cmd_copy_buffer, "") \
  X(CmdCopyBuffer2, cmd_copy_buffer2, "KHR") \
  X(CmdCopyBufferToImage, cmd_copy_buffer_to_image, "") \
  X(CmdCopyBufferToImage2, cmd_copy_buffer_to_image2, "KHR") \
  X(CmdCopyImageToBuffer, cmd_copy_image_to_buffer, "") \
  X(CmdCopyImageToBuffer2, cmd_copy_image_to_buffer2, "KHR") \
  X(CmdCopyImage, cmd_copy_image, "") \
  X(CmdCopyImage2, cmd_copy_image2, "KHR") \
  X(CmdUpdateBuffer, cmd_update_buffer, "") \
  X(CmdFillBuffer, cmd_fill_buffer, "") \
  X(QueueSubmit, queue_submit, "") \
  X(QueueSubmit2, queue_submit2, "KHR") \
  X(QueuePresentKHR, queue_present_khr, "") \
  X(SetDebugUtilsObjectNameEXT, set_debug_utils_object_name_ext, "")

// X(VulkanName, snake_name, alias): what the layer calls for itself.
#define VKMEMBENCH_ASKED(X) \
  X(GetBufferMemoryRequirements, get_buffer_memory_requirements, "") \
  X(GetImageMemoryRequirements, get_image_memory_requirements, "") \
  X(GetImageMemoryRequirements2, get_image_memory_requirements2, "KHR") \
  X(GetImageSparseMemoryRequirements, get_image_sparse_memory_requirements, "") \
  X(GetImageDrmFormatModifierPropertiesEXT, get_image_drm_format_modifier_properties_ext, "")
#define VKMEMBENCH_ASKED_OF_INSTANCE(X) \
  X(DestroyInstance, destroy_instance, "") \
  X(GetPhysicalDeviceProperties, get_physical_device_properties, "") \
  X(GetPhysicalDeviceProperties2, get_physical_device_properties2, "KHR") \
  X(GetPhysicalDeviceMemoryProperties, get_physical_device_memory_properties, "") \
  X(GetPhysicalDeviceMemoryProperties2, get_physical_device_memory_properties2, "KHR") \
  X(GetPhysicalDeviceFeatures2, get_physical_device_features2, "KHR") \
  X(EnumerateDeviceExtensionProperties, enumerate_device_extension_properties, "")
// clang-format on

#define VKMEMBENCH_ROW(name, snake_name, alias) std::remove_pointer_t<PFN_vk##name> intercept_##snake_name;
VKMEMBENCH_INTERCEPTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
// Of an instance: what a program is told of budgets.
std::remove_pointer_t<PFN_vkGetPhysicalDeviceMemoryProperties2> intercept_get_physical_device_memory_properties2;

// The entry points below the layer, of a device; nullptr for what it does not have.
struct NextDevice {
  PFN_vkGetDeviceProcAddr get_device_proc_addr = nullptr;
#define VKMEMBENCH_ROW(name, snake_name, alias) PFN_vk##name snake_name = nullptr;
  VKMEMBENCH_INTERCEPTS(VKMEMBENCH_ROW)
  VKMEMBENCH_ASKED(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
};
// Likewise of an instance. Found while it is made: the loader answers later with what is on top of all layers.
struct NextInstance {
  PFN_vkGetInstanceProcAddr get_instance_proc_addr = nullptr;
#define VKMEMBENCH_ROW(name, snake_name, alias) PFN_vk##name snake_name = nullptr;
  VKMEMBENCH_ASKED_OF_INSTANCE(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
};
[[nodiscard]] NextInstance next_instance(PFN_vkGetInstanceProcAddr get, VkInstance instance);
[[nodiscard]] NextDevice next_device(PFN_vkGetDeviceProcAddr get, VkDevice device);

// The layer's own function for a call of a device; nullptr for one that it does not look at.
[[nodiscard]] PFN_vkVoidFunction intercept_of(std::string_view name);

}  // namespace vkmembench
