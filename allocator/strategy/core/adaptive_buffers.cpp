#include "allocator/strategy/core/adaptive_buffers.h"

#include <new>

namespace vkmembench {

Expected<Allocation> AdaptiveBuffers::resize(const Allocation& allocation, Bytes size, bool remember,
                                             const Resized& resized) try {
  const std::lock_guard lock(mutex_);
  allocator_.touch(allocation);
  const AdaptiveBuffer fresh(resizer_, allocation, settings_);
  const std::uint64_t user = allocator_.record(allocation).user;
  const auto [entry, added] = buffers_.try_emplace(user, fresh);
  entry->second.moved(allocation);
  const VkResult result = entry->second.resize(size);
  const Allocation after = entry->second.allocation();
  if (added && (result != VK_SUCCESS || !remember)) buffers_.erase(entry);
  count();
  if (result != VK_SUCCESS) return result;
  resized(user, after, size);
  return after;
} catch (const std::bad_alloc&) {
  return VK_ERROR_OUT_OF_HOST_MEMORY;
}

void AdaptiveBuffers::shrink(const Resized& resized) {
  const std::lock_guard lock(mutex_);
  for (auto& [user, buffer] : buffers_) {
    const Expected<bool> shrunk = buffer.begin_frame();
    if (shrunk && *shrunk) resized(user, buffer.allocation(), buffer.used());
  }
}

void AdaptiveBuffers::moved(std::uint64_t user, const Allocation& after) {
  const std::lock_guard lock(mutex_);
  if (const auto found = buffers_.find(user); found != buffers_.end()) found->second.moved(after);
}

void AdaptiveBuffers::forget(std::uint64_t user) {
  const std::lock_guard lock(mutex_);
  buffers_.erase(user);
  count();
}

}  // namespace vkmembench
