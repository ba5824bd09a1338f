#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "allocator/core/allocator.h"
#include "allocator/core/pools/lazy_table.h"

namespace vkmembench {

inline constexpr std::uint32_t kMaxArenas = 64;

struct ArenaSettings {
  std::uint32_t count = 1;
  AllocatorSettings each = {};
};

// Whole Allocators of one device side by side, so that threads which ask one each share no lock; only the budget and
// the numbers of pools are common. One is made when first asked for. What is done to an allocation goes to the
// allocator that made it, from any thread. Safe from any thread.
class Arenas {
 public:
  // `count` of them, each with the same settings; leaks are reported by each. Throws Error when the options contradict
  // each other or the device, or there are too many. Requires a device that outlives it, and settings without an arena.
  explicit Arenas(const Device& device, ArenaSettings settings = {});
  Arenas(const Arenas&) = delete;
  Arenas& operator=(const Arenas&) = delete;

  [[nodiscard]] std::uint32_t count() const { return settings_.count; }
  // The arena of a thread that calls itself `lane`: any number, the same arena every count() lanes.
  [[nodiscard]] Allocator& of_lane(std::uint32_t lane) { return at(count() == 1 ? 0 : lane % count()); }
  // Throws std::bad_alloc when it is to be made. Requires number < count().
  [[nodiscard]] Allocator& at(std::uint32_t number);

  // The allocator that made it.
  [[nodiscard]] Allocator& owner_of(const Allocation& allocation) { return at(allocation.arena); }

  void destroy(const Allocation& allocation) { owner_of(allocation).destroy(allocation); }
  // The same for a thread that calls itself `lane`, which leaves what another arena made to that; see
  // Allocator::destroy_later().
  void destroy(const Allocation& allocation, std::uint32_t lane) {
    Allocator& owner = owner_of(allocation);
    &owner == &of_lane(lane) ? owner.destroy(allocation) : owner.destroy_later(allocation);
  }
  void collect() const;  // what destroy() left; so do all of the following
  void begin_frame(std::uint64_t frame);
  Bytes trim();

  // As of one allocator, for all of them. Pools are numbered across arenas in the order they came.
  [[nodiscard]] Statistics statistics() const;
  [[nodiscard]] DetailedStatistics detail() const;
  [[nodiscard]] MonitorReport monitor() const;
  [[nodiscard]] std::vector<LiveAllocation> live_allocations() const;
  [[nodiscard]] bool contains(const Allocation& allocation) const;
  [[nodiscard]] MemoryBudget& budget() { return *settings_.each.budget; }

  // Calls `visit` for each arena that was ever asked for, by number.
  template <class Visit>
  void for_each(const Visit& visit) const {
    allocators_.for_each(visit);
  }

 private:
  Bytes trim_others(std::uint32_t hungry, std::uint32_t heap);

  Device device_;
  ArenaSettings settings_;
  CallbackMemory memory_;  // of the arenas themselves; the metadata of each is in its own
  PmrPtr<MemoryBudget> own_budget_;
  std::atomic<std::uint16_t> pool_numbers_{0};
  std::atomic<std::uint64_t> frame_{0};
  LazyTable<Allocator, kMaxArenas> allocators_;
};

}  // namespace vkmembench
