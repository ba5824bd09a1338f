#pragma once

#include <vulkan/vulkan_core.h>

#include <string_view>
#include <type_traits>

#include "scenarios/recording/newer_structures.h"

namespace vkmembench {

// What the headers lack, named as the others are.
using PFN_vkMapMemory2 = MapMemory2;
using PFN_vkUnmapMemory2 = UnmapMemory2;

// X(name, alias): the calls of a device that the layer looks at; an alias is the extension's suffix by which an older
// program calls the same. Each is a function intercept_NAME().
// clang-format off
#define VKMEMBENCH_INTERCEPTS(X) \
  X(DestroyDevice, "") \
  X(CreateBuffer, "") \
  X(DestroyBuffer, "") \
  X(CreateImage, "") \
  X(DestroyImage, "") \
  X(AllocateMemory, "") \
  X(FreeMemory, "") \
  X(BindBufferMemory, "") \
  X(BindImageMemory, "") \
  X(BindBufferMemory2, "KHR") \
  X(BindImageMemory2, "KHR") \
  X(MapMemory, "") \
  X(UnmapMemory, "") \
  X(MapMemory2, "KHR") \
  X(UnmapMemory2, "KHR") \
  X(FlushMappedMemoryRanges, "") \
  X(InvalidateMappedMemoryRanges, "") \
  X(CmdCopyBuffer, "") \
  X(CmdCopyBuffer2, "KHR") \
  X(CmdCopyBufferToImage, "") \
  X(CmdCopyBufferToImage2, "KHR") \
  X(CmdCopyImageToBuffer, "") \
  X(CmdCopyImageToBuffer2, "KHR") \
  X(CmdCopyImage, "") \
  X(CmdCopyImage2, "KHR") \
  X(CmdUpdateBuffer, "") \
  X(CmdFillBuffer, "") \
  X(QueueSubmit, "") \
  X(QueueSubmit2, "KHR") \
  X(QueuePresentKHR, "") \
  X(SetDebugUtilsObjectNameEXT, "")

// X(name, alias): what the layer calls for itself.
#define VKMEMBENCH_ASKED(X) \
  X(GetBufferMemoryRequirements, "") \
  X(GetImageMemoryRequirements, "") \
  X(GetImageDrmFormatModifierPropertiesEXT, "")
#define VKMEMBENCH_ASKED_OF_INSTANCE(X) \
  X(DestroyInstance, "") \
  X(GetPhysicalDeviceProperties, "") \
  X(GetPhysicalDeviceProperties2, "KHR") \
  X(GetPhysicalDeviceMemoryProperties, "")
// clang-format on

#define VKMEMBENCH_ROW(name, alias) std::remove_pointer_t<PFN_vk##name> intercept_##name;
VKMEMBENCH_INTERCEPTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW

// The entry points below the layer, of a device; nullptr for what it does not have.
struct NextDevice {
  PFN_vkGetDeviceProcAddr GetDeviceProcAddr = nullptr;
#define VKMEMBENCH_ROW(name, alias) PFN_vk##name name = nullptr;
  VKMEMBENCH_INTERCEPTS(VKMEMBENCH_ROW)
  VKMEMBENCH_ASKED(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
};
// Likewise of an instance. Found while it is made: the loader answers later with what is on top of all layers.
struct NextInstance {
  PFN_vkGetInstanceProcAddr GetInstanceProcAddr = nullptr;
#define VKMEMBENCH_ROW(name, alias) PFN_vk##name name = nullptr;
  VKMEMBENCH_ASKED_OF_INSTANCE(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
};
[[nodiscard]] NextInstance next_instance(PFN_vkGetInstanceProcAddr get, VkInstance instance);
[[nodiscard]] NextDevice next_device(PFN_vkGetDeviceProcAddr get, VkDevice device);

// The layer's own function for a call of a device; nullptr for one that it does not look at.
[[nodiscard]] PFN_vkVoidFunction intercept_of(std::string_view name);

}  // namespace vkmembench
