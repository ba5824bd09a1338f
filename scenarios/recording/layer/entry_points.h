#pragma once

#include <vulkan/vk_layer.h>

namespace vkmembench {

// What the loader gets of the layer.
VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL layer_instance_proc(VkInstance instance, const char* name);
VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL layer_device_proc(VkDevice device, const char* name);

}  // namespace vkmembench
