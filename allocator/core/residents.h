#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <mutex>

#include "allocator/base/check.h"
#include "allocator/base/expected.h"
#include "allocator/core/alias_book.h"
#include "allocator/core/kind_counters.h"
#include "allocator/core/pools/allocation_record.h"
#include "allocator/core/pools/pool_table.h"
#include "allocator/core/return_box.h"
#include "allocator/device/device.h"
#include "allocator/seam/allocation.h"

namespace vkmembench {

// What lives in an allocator's pools, aliases included: tells what is live, lets resources in and destroys them. Where
// they go is somebody else's. Safe from any thread like the Allocator.
class Residents {
 public:
  // Requires all of them to outlive it.
  Residents(const Device& device, PoolTable& pools, std::pmr::memory_resource& memory)
      : device_(device), pools_(pools), aliases_(memory) {}
  Residents(const Residents&) = delete;
  Residents& operator=(const Residents&) = delete;

  // The range of a live allocation, of an alias its target's; what is not live aborts.
  [[nodiscard]] Range* live_range(const Allocation& allocation) const {
    auto* range = static_cast<Range*>(allocation.token);
    check_live(range, allocation.resource);
    return range;
  }
  [[nodiscard]] bool contains(const Allocation& allocation) const;
  [[nodiscard]] std::uint64_t user_of(const Allocation& allocation) const;
  // What lives in a used range.
  [[nodiscard]] static Allocation allocation_of(Range* range);

  // The allocation in a range whose resource was bound with this result; after a failure the range is free again.
  [[nodiscard]] Expected<Allocation> admit(Range* range, VkResult bound);
  // So many requests were refused.
  void refuse(std::uint64_t count = 1) { refused_.fetch_add(count, std::memory_order_relaxed); }
  // Frees the range of a resource that is gone, or of one that only claimed it or moved away; see Pool.
  void release(Range* range, std::uint64_t resource);
  void vacate(Range* range);

  // See Allocator.
  void destroy(const Allocation& allocation);
  void destroy_later(const Allocation& allocation);
  std::size_t collect();
  void collect_many() {  // cheap where few wait
    if (returned_.has_many()) [[unlikely]]
      collect();
  }

  // Makes it the present frame; the one before.
  std::uint64_t begin_frame(std::uint64_t frame) { return frame_.exchange(frame, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t frame() const { return frame_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint32_t short_frame() const { return static_cast<std::uint32_t>(frame()); }  // as in records

  [[nodiscard]] PoolTable& pools() { return pools_; }
  [[nodiscard]] const PoolTable& pools() const { return pools_; }
  [[nodiscard]] AliasBook& aliases() { return aliases_; }
  [[nodiscard]] const AliasBook& aliases() const { return aliases_; }
  [[nodiscard]] KindCounters& kinds() { return kinds_; }
  [[nodiscard]] const KindCounters& kinds() const { return kinds_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  void check_live(const Range* range, std::uint64_t resource) const {
    if (range != nullptr) __builtin_prefetch(&range->kept);  // together with the other half of the node
    VKMEMBENCH_CHECK(range != nullptr && range->state == RangeState::used &&
                         motion_of(*range).move != RangeMove::abandoned &&
                         (record_of(*range).resource == resource || aliases_.holds(resource, range)),
                     "an allocation is used only between its creation and its destruction");
  }
  void destroy_now(const Returned& what);
  void destroy_alias(const Returned& alias);

  const Device& device_;
  PoolTable& pools_;
  AliasBook aliases_;
  KindCounters kinds_;
  ReturnBox returned_;
  std::mutex collecting_;  // before the pools' own
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> frame_{0};
};

}  // namespace vkmembench
