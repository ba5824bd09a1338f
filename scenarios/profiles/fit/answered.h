#pragma once

#include <vulkan/vulkan_core.h>

#include "allocator/device/simulated/device_profile.h"

namespace vkmembench {

// A request as a device answered it. Of the answer, rounding and extra bytes say nothing: the size holds them.
struct AnsweredBuffer {
  Bytes size = 0;
  VkBufferUsageFlags usage = 0;
  Bytes required = 0;
  RequirementAnswer answer;
};
struct AnsweredImage {
  VkImageCreateInfo info{};
  Bytes required = 0;
  RequirementAnswer answer;
};

}  // namespace vkmembench
