#include "allocator/strategy/common/resize_by_copy.h"

#include <algorithm>
#include <new>

#include "allocator/transfer/copies.h"

namespace vkmembench {

Expected<Allocation> ResizeByCopy::resize(Strategy& strategy, const Allocation& old, Bytes old_size,
                                          const BufferRequest& request) {
  constexpr VkBufferUsageFlags kBoth = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  if ((request.usage & kBoth) != kBoth) return VK_ERROR_FEATURE_NOT_PRESENT;
  if (request.size == old_size) return old;
  const Expected<Allocation> made = strategy.create_buffer(request);
  if (!made) return made;
  const VkResult copied = copy_bytes(old, *made, std::min(old_size, request.size));
  strategy.destroy(copied == VK_SUCCESS ? old : *made, request.lane);
  return copied == VK_SUCCESS ? made : copied;
}

VkResult ResizeByCopy::copy_bytes(const Allocation& from, const Allocation& to, Bytes size) {
  const std::lock_guard lock(mutex_);
  const VkResult copied = copy(from, to, size);
  if (copied != VK_SUCCESS && ring_) ring_->settle();  // should the device be copying after all
  return copied;
}

VkResult ResizeByCopy::copy(const Allocation& from, const Allocation& to, Bytes size) try {
  if (!ring_) ring_.emplace(device_, 1);
  const Expected<VkCommandBuffer> commands = ring_->commands();
  if (!commands) return commands.result();
  record_buffer_copy(device_, *commands, from.buffer(), to.buffer(), {0, 0, size});
  if (const VkResult submitted = ring_->submit(); submitted != VK_SUCCESS) return submitted;
  return ring_->wait_all();
} catch (const std::bad_alloc&) {
  return VK_ERROR_OUT_OF_HOST_MEMORY;
}

}  // namespace vkmembench
