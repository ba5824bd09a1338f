#pragma once

#include <vulkan/vulkan_core.h>

#include <span>
#include <string>
#include <vector>

#include "allocator/device/device.h"

namespace vkmembench {

// What programs ask for where a device lacks what they would rather have.

// The formats to try instead, best first; empty where nothing takes its place. Tables of what renderers do: depth with
// more bits, three components as four, and of compressed formats one of the same bytes a block before texels that are
// not compressed.
[[nodiscard]] std::span<const VkFormat> formats_instead_of(VkFormat format);

// Usages that the features of a device do not give, and what stands in for them.
struct UsageStandIn {
  std::uint32_t usage = 0;           // what is asked for in the end
  std::vector<std::string> lacking;  // names of those that it lacks, with the feature of each: "x (feature y)"
};
[[nodiscard]] UsageStandIn stand_in_for(std::uint32_t usage, bool image, DeviceFeatureSet features);

}  // namespace vkmembench
