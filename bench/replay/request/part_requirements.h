#pragma once

#include <vulkan/vulkan_core.h>

#include <string>
#include <vector>

#include "allocator/device/device.h"
#include "allocator/seam/strategy.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// Why the device has no such resource that is bound in parts; empty where it may.
[[nodiscard]] std::string why_not_in_parts(const Shape& shape, const Device& device);

// What each plane of a disjoint image requires, or a sparse image as a whole; the alignment is its page. Of a sparse
// buffer the size means nothing. Empty when the device refuses the resource. Requires a device that has such ones.
[[nodiscard]] std::vector<VkMemoryRequirements> part_requirements(const Device& device, const BufferRequest& request);
[[nodiscard]] std::vector<VkMemoryRequirements> part_requirements(const Device& device, const ImageRequest& request);

// Bytes of memory that the part needs which the event makes; 0 where the device's resource has no such part.
[[nodiscard]] Bytes part_bytes(const Event& event, bool image, const std::vector<VkMemoryRequirements>& requirements);

}  // namespace vkmembench
