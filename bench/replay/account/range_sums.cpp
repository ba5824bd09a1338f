#include "bench/replay/account/range_sums.h"

#include <algorithm>

namespace vkmembench {
namespace {

// The largest that a usage asks of an offset; drivers report powers of two, or 0 for none.
Bytes offset_alignment(std::uint32_t usage, const VkPhysicalDeviceLimits& limits) {
  Bytes alignment = 1;
  const auto hold_to = [&](std::uint32_t usages, VkDeviceSize limit) {
    if ((usage & usages) != 0) alignment = std::max<Bytes>(alignment, limit);
  };
  hold_to(VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT, limits.minUniformBufferOffsetAlignment);
  hold_to(VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, limits.minStorageBufferOffsetAlignment);
  hold_to(VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT | VK_BUFFER_USAGE_STORAGE_TEXEL_BUFFER_BIT,
          limits.minTexelBufferOffsetAlignment);
  return alignment;
}

}  // namespace

RangeSums sum_ranges(const Trace& trace, const VkPhysicalDeviceLimits& limits) {
  RangeSums sums;
  if (!trace.has(Op::range)) return sums;
  for (const Event& event : trace.events) {
    if (event.op != Op::range) continue;
    const Bytes alignment = offset_alignment(trace.shape_of(event.object).usage, limits);
    ++sums.count;
    sums.bytes += event.size();
    sums.padding_bytes += align_up(event.size(), alignment) - event.size();
    sums.misaligned_count += !is_aligned(event.offset(), alignment);
  }
  return sums;
}

}  // namespace vkmembench
