#include "allocator/strategy/common/resize_by_copy.h"

#include <algorithm>

#include "allocator/transfer/copies.h"

namespace vkmembench {

Expected<Allocation> ResizeByCopy::resize(Strategy& strategy, const Allocation& old, Bytes old_size,
                                          const BufferRequest& request) {
  return resize(
      old, old_size, request, [&] { return strategy.create_buffer(request); },
      [&](const Allocation& gone) { strategy.destroy(gone, request.lane); });
}

Expected<Allocation> ResizeByCopy::resize(const Allocation& old, Bytes old_size, const BufferRequest& request,
                                          const Create& create, const Destroy& destroy) {
  constexpr VkBufferUsageFlags kBoth = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  if ((request.usage & kBoth) != kBoth) return VK_ERROR_FEATURE_NOT_PRESENT;
  if (request.size == old_size) return old;
  const Expected<Allocation> made = create();
  if (!made) return made;
  const std::lock_guard lock(mutex_);
  const VkResult copied = copy(old, *made, std::min(old_size, request.size));
  if (copied == VK_SUCCESS) {
    destroy(old);
    return made;
  }
  ring_.settle();  // should the device be copying after all
  destroy(*made);
  return copied;
}

VkResult ResizeByCopy::copy(const Allocation& from, const Allocation& to, Bytes size) {
  const Expected<VkCommandBuffer> commands = ring_.commands();
  if (!commands) return commands.result();
  record_buffer_copy(device_, *commands, from.buffer(), to.buffer(), {0, 0, size});
  if (const VkResult submitted = ring_.submit(); submitted != VK_SUCCESS) return submitted;
  return ring_.wait_all();
}

}  // namespace vkmembench
