#pragma once

#include <vulkan/vulkan_core.h>

#include "scenarios/trace/trace.h"

namespace vkmembench {

// What becomes of the ranges of a trace under the offset alignments of a device.
struct RangeSums {
  std::uint64_t count = 0;
  Bytes bytes = 0;
  Bytes padding_bytes = 0;
  std::uint64_t misaligned_count = 0;
};
[[nodiscard]] RangeSums sum_ranges(const Trace& trace, const VkPhysicalDeviceLimits& limits);

}  // namespace vkmembench
