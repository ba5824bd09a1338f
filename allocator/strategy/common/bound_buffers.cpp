#include "allocator/strategy/common/bound_buffers.h"

#include <algorithm>
#include <new>

#include "allocator/base/error.h"

namespace vkmembench {

VkResult BoundBuffers::bind(std::uint64_t user, const Allocation& allocation, Bytes size) try {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return VK_ERROR_FEATURE_NOT_PRESENT;
  if (!registry_) {
    try {
      registry_.emplace(device_, BindlessSettings{.frames_in_flight = std::max(1u, frames_in_flight_)});
    } catch (const Error&) {
      unavailable_ = true;
      return VK_ERROR_FEATURE_NOT_PRESENT;
    }
  }
  const auto [entry, fresh] = ids_.try_emplace(user);
  if (!fresh) return VK_SUCCESS;
  const Expected<BindlessId> id = registry_->add(allocation.buffer(), 0, size);
  if (id)
    entry->second = *id;
  else
    ids_.erase(entry);
  bound_count_.store(ids_.size(), std::memory_order_relaxed);
  return id.result();
} catch (const std::bad_alloc&) {
  return VK_ERROR_OUT_OF_HOST_MEMORY;
}

VkResult BoundBuffers::unbind(std::uint64_t user) {
  if (!any()) return VK_ERROR_UNKNOWN;
  const std::lock_guard lock(mutex_);
  const auto found = ids_.find(user);
  if (found == ids_.end()) return VK_ERROR_UNKNOWN;
  const VkResult result = registry_->remove(found->second);
  ids_.erase(found);
  bound_count_.store(ids_.size(), std::memory_order_relaxed);
  return result;
}

void BoundBuffers::moved(std::uint64_t user, const Allocation& after) {
  if (!any()) return;
  const std::lock_guard lock(mutex_);
  const auto found = ids_.find(user);
  if (found != ids_.end()) static_cast<void>(registry_->moved(found->second, after.buffer()));
}

void BoundBuffers::resized(std::uint64_t user, const Allocation& after, Bytes size) {
  if (!any()) return;
  const std::lock_guard lock(mutex_);
  const auto found = ids_.find(user);
  if (found == ids_.end() || registry_->resized(found->second, after.buffer(), size) == VK_SUCCESS) return;
  static_cast<void>(registry_->remove(found->second));
  ids_.erase(found);
  bound_count_.store(ids_.size(), std::memory_order_relaxed);
}

void BoundBuffers::begin_frame(std::uint64_t frame) {
  const std::lock_guard lock(mutex_);
  if (registry_) registry_->begin_frame(frame);
}

std::optional<BindlessCounts> BoundBuffers::counts() const {
  const std::lock_guard lock(mutex_);
  if (!registry_) return std::nullopt;
  return registry_->counts();
}

}  // namespace vkmembench
