#include "allocator/core/upkeep/adaptive_buffer.h"

#include <algorithm>
#include <cmath>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

constexpr Bytes kStep = 4;  // vkCmdFillBuffer and typed views like whole words

Bytes scaled(Bytes bytes, double by) {
  return align_up(static_cast<Bytes>(std::ceil(static_cast<double>(bytes) * by)), kStep);
}

}  // namespace

Bytes AdaptivePolicy::initial(Bytes used) const { return std::max(settings_.start_bytes, used); }

Bytes AdaptivePolicy::grown(Bytes capacity, Bytes used) const {
  return used <= capacity ? capacity : std::max(used, scaled(capacity, settings_.growth));
}

std::optional<Bytes> AdaptivePolicy::end_frame(Bytes capacity, Bytes used) {
  const bool low = static_cast<double>(used) < static_cast<double>(capacity) * settings_.shrink_below;
  low_frames_ = low ? low_frames_ + 1 : 0;
  if (low_frames_ < settings_.shrink_after_frames) return std::nullopt;
  low_frames_ = 0;
  const Bytes wanted = std::max(scaled(used, settings_.shrink_to), settings_.start_bytes);
  if (wanted >= capacity) return std::nullopt;
  return wanted;
}

AdaptiveBuffer::AdaptiveBuffer(BufferResizer& resizer, const Allocation& buffer, const AdaptiveSettings& settings)
    : resizer_(resizer),
      policy_(settings),
      buffer_(buffer),
      capacity_(resizer.allocator().record(buffer).asked),
      used_(capacity_) {}

VkResult AdaptiveBuffer::set_capacity(Bytes capacity) {
  if (capacity == capacity_) return VK_SUCCESS;
  const Expected<Allocation> resized = resizer_.resize(buffer_, capacity);
  if (!resized) return resized.result();
  buffer_ = *resized;
  capacity_ = capacity;
  return VK_SUCCESS;
}

VkResult AdaptiveBuffer::resize(Bytes used) {
  VKMEMBENCH_CHECK(used > 0, "a buffer has bytes");
  const Bytes capacity = policy_.grown(capacity_, used);
  VkResult result = set_capacity(capacity);
  if (result == VK_ERROR_OUT_OF_DEVICE_MEMORY && capacity > used) result = set_capacity(used);
  if (result == VK_SUCCESS) used_ = used;
  return result;
}

Expected<bool> AdaptiveBuffer::begin_frame() {
  const std::optional<Bytes> capacity = policy_.end_frame(capacity_, used_);
  if (!capacity) return false;
  if (const VkResult result = set_capacity(*capacity); result != VK_SUCCESS) return result;
  return true;
}

}  // namespace vkmembench
