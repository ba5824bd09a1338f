// The parts of CoreStrategy that change live allocations: resizes, tiers, and relief under memory pressure.
#include <algorithm>
#include <new>

#include "allocator/strategy/core/core_strategy.h"

namespace vkmembench {

void CoreStrategy::start(const StrategyHost& host) {
  bound_.start(host.frames_in_flight);
  listener_ = host.listener;
  if (listener_ == nullptr) return;
  defragment_.emplace(allocator_, device_, static_cast<StrategyListener&>(*this));
  const CoreOptions& options = allocator_.options();
  pressure_.emplace(allocator_,
                    PressureSettings{.pressure_at = options.pressure_at,
                                     .evict = options.evict,
                                     .evict_idle_frames = options.evict_idle_frames,
                                     .frames_in_flight = host.frames_in_flight,
                                     .evict_on_create = !host.concurrent},
                    static_cast<StrategyListener&>(*this));
  if (options.tiers)
    tiers_.emplace(allocator_, TierSettings{.scan_frames = options.tier_scan_frames,
                                            .moves_per_frame = options.tier_moves_per_frame,
                                            .bytes_per_frame = options.tier_bytes_per_frame});
}

// Relief comes last, so that the frame ends within its budgets.
void CoreStrategy::begin_upkeep_frame(std::uint64_t n) {
  if (listener_ == nullptr) return;
  defragment_->begin_frame(n);
  if (tiers_) {
    std::pmr::vector<Moved> moves(&memory_);
    if (tiers_->begin_frame(moves) != VK_SUCCESS) noticed({.kind = Notice::Kind::failed});
    for (const Moved& move : moves) moved(move.user, move.after);
  }
  shrink_adaptive();
  if (pressure_->is_due()) defragment_->pause();
  pressure_->begin_frame();
}

void CoreStrategy::moved(std::uint64_t user, const Allocation& after) {
  {
    const std::lock_guard lock(resizing_);
    if (const auto found = adaptive_.find(user); found != adaptive_.end()) found->second.moved(after);
  }
  bound_.moved(user, after);
  listener_->moved(user, after);
}

void CoreStrategy::evicted(std::uint64_t user) {
  {
    const std::lock_guard lock(resizing_);
    adaptive_.erase(user);
    adaptive_count_.store(adaptive_.size(), std::memory_order_relaxed);
  }
  static_cast<void>(bound_.unbind(user));
  listener_->evicted(user);
}

// Without a listener nothing may shrink by itself, so nothing is remembered.
Expected<Allocation> CoreStrategy::resize(const Allocation& allocation, const BufferRequest& request) try {
  const std::lock_guard lock(resizing_);
  allocator_.touch(allocation);
  const AdaptiveBuffer fresh(resizer_, allocation,
                             {.shrink_after_frames = allocator_.options().adaptive_shrink_frames});
  const std::uint64_t user = allocator_.record(allocation).user;
  const auto [entry, added] = adaptive_.try_emplace(user, fresh);
  entry->second.moved(allocation);
  const VkResult result = entry->second.resize(request.size);
  const Allocation resized = entry->second.allocation();
  if (added && (result != VK_SUCCESS || listener_ == nullptr)) adaptive_.erase(entry);
  adaptive_count_.store(adaptive_.size(), std::memory_order_relaxed);
  if (result != VK_SUCCESS) return result;
  bound_.resized(user, resized, shown_bytes(resized, request.size));
  return resized;
} catch (const std::bad_alloc&) {
  return VK_ERROR_OUT_OF_HOST_MEMORY;
}

void CoreStrategy::forget(const Allocation& allocation) {
  const std::uint64_t user = allocator_.user_of(allocation);
  static_cast<void>(bound_.unbind(user));
  const std::lock_guard lock(resizing_);
  adaptive_.erase(user);
  adaptive_count_.store(adaptive_.size(), std::memory_order_relaxed);
}

// An alias has no record of its own: no more of it is shown than is used.
Bytes CoreStrategy::shown_bytes(const Allocation& buffer, Bytes used) const {
  const AllocationRecord record = allocator_.record(buffer);
  if (record.resource != buffer.resource) return used;
  const Bytes most = device_.info->limits.maxStorageBufferRange;
  return std::max(used, std::min(record.asked, most));
}

VkResult CoreStrategy::bind(const Allocation& allocation, Bytes size) {
  allocator_.touch(allocation);
  return bound_.bind(allocator_.user_of(allocation), allocation, shown_bytes(allocation, size));
}

VkResult CoreStrategy::unbind(const Allocation& allocation) { return bound_.unbind(allocator_.user_of(allocation)); }

void CoreStrategy::shrink_adaptive() {
  const std::lock_guard lock(resizing_);
  for (auto& [user, buffer] : adaptive_) {
    const Expected<bool> shrunk = buffer.begin_frame();
    if (!shrunk || !*shrunk) continue;
    bound_.resized(user, buffer.allocation(), shown_bytes(buffer.allocation(), buffer.used()));
    listener_->moved(user, buffer.allocation());
  }
}

void CoreStrategy::add_upkeep_figures(std::vector<StrategyFigure>& figures) const {
  if (defragment_) add_figures(defragment_->totals(), figures);
  const auto add = [&](Figure figure, auto value) { figures.push_back({figure, static_cast<double>(value)}); };
  if (pressure_) {
    add(Figure::pressure_callback_count, pressure_->totals().callbacks);
    add(Figure::pressure_freed_bytes, pressure_->totals().freed_bytes);
  }
  if (tiers_) {
    add(Figure::tier_migrations_count, tiers_->totals().migrations);
    add(Figure::tier_bytes, tiers_->totals().bytes);
  }
  const ResizeTotals& resizes = resizer_.totals();
  if (resizes.grown + resizes.shrunk == 0) return;
  add(Figure::adaptive_grow_count, resizes.grown);
  add(Figure::adaptive_shrink_count, resizes.shrunk);
  add(Figure::adaptive_copied_bytes, resizes.copied_bytes);
}

}  // namespace vkmembench
