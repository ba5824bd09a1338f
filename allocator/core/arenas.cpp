#include "allocator/core/arenas.h"

#include <algorithm>
#include <string>

#include "allocator/base/check.h"
#include "allocator/base/error.h"

namespace vkmembench {

Arenas::Arenas(const Device& device, ArenaSettings settings)
    : device_(device), settings_(std::move(settings)), memory_(device.host), allocators_(memory_) {
  if (count() < 1 || count() > kMaxArenas)
    throw Error("core: " + std::to_string(count()) + " arenas; choose 1 to " + std::to_string(kMaxArenas));
  check_options(settings_.each.options, *device.info);
  if (settings_.each.budget == nullptr) {
    own_budget_ = make_pmr<MemoryBudget>(memory_, *device.info);
    settings_.each.budget = own_budget_.get();
  }
}

Allocator& Arenas::at(std::uint32_t number) {
  return allocators_.get(number, [&](std::pmr::memory_resource& memory) {
    VKMEMBENCH_CHECK(number < count(), "there are as many arenas as the options say");
    AllocatorSettings settings = settings_.each;
    settings.arena.number = static_cast<std::uint16_t>(number);
    if (count() > 1) {
      settings.arena.pool_prefix = "arena" + std::to_string(number) + "/";
      settings.arena.pool_numbers = &pool_numbers_;
      settings.arena.trim_others = [this, number](std::uint32_t heap) { return trim_others(number, heap); };
    }
    auto made = make_pmr<Allocator>(memory, device_, std::move(settings));
    made->begin_frame(frame_.load(std::memory_order_relaxed));
    return made;
  });
}

// Each pool is locked by itself and for as long as it is trimmed, so arenas that are hungry at the same time wait for
// each other at most that long.
Bytes Arenas::trim_others(std::uint32_t hungry, std::uint32_t heap) {
  Bytes given = 0;
  allocators_.for_each([&](Allocator& allocator) {
    if (allocator.arena_number() != hungry) given += allocator.trim_own(heap);
  });
  return given;
}

void Arenas::begin_frame(std::uint64_t frame) {
  frame_.store(frame, std::memory_order_relaxed);
  allocators_.for_each([&](Allocator& allocator) { allocator.begin_frame(frame); });
}

Bytes Arenas::trim() {
  Bytes given = 0;
  allocators_.for_each([&](Allocator& allocator) { given += allocator.trim(); });
  return given;
}

void Arenas::collect() const {
  allocators_.for_each([](Allocator& allocator) { allocator.collect(); });
}

Statistics Arenas::statistics() const {
  collect();
  Statistics all = empty_statistics(*device_.info, *settings_.each.budget);
  allocators_.for_each([&](const Allocator& allocator) {
    Statistics one = allocator.statistics();
    all.total += one.total;
    for (std::size_t heap = 0; heap < all.heaps.size(); ++heap) all.heaps[heap].now += one.heaps[heap].now;
    for (std::size_t type = 0; type < all.types.size(); ++type) all.types[type] += one.types[type];
    if (all.pools.size() < one.pools.size()) all.pools.resize(one.pools.size());
    for (std::size_t pool = 0; pool < one.pools.size(); ++pool)
      if (!one.pools[pool].name.empty()) all.pools[pool] = std::move(one.pools[pool]);
  });
  return all;
}

DetailedStatistics Arenas::detail() const {
  collect();
  DetailedStatistics all;
  allocators_.for_each([&](const Allocator& allocator) {
    DetailedStatistics one = allocator.detail();
    if (all.pools.size() < one.pools.size()) {
      all.pools.resize(one.pools.size());
      all.free.resize(one.pools.size());
    }
    for (std::size_t pool = 0; pool < one.pools.size(); ++pool) {
      if (one.pools[pool].block_count == 0) continue;  // nothing, or another arena's
      all.pools[pool] = one.pools[pool];
      all.free[pool] = one.free[pool];
    }
    std::move(one.blocks.begin(), one.blocks.end(), std::back_inserter(all.blocks));
  });
  return all;
}

MonitorReport Arenas::monitor() const {
  collect();
  MonitorReport all;
  allocators_.for_each([&](const Allocator& allocator) { all += allocator.monitor(); });
  return all;
}

std::vector<LiveAllocation> Arenas::live_allocations() const {
  collect();
  std::vector<LiveAllocation> all;
  allocators_.for_each([&](const Allocator& allocator) {
    std::vector<LiveAllocation> one = allocator.live_allocations();
    std::move(one.begin(), one.end(), std::back_inserter(all));
  });
  std::sort(all.begin(), all.end(), older);
  return all;
}

bool Arenas::contains(const Allocation& allocation) const {
  collect();
  bool found = false;
  allocators_.for_each([&](const Allocator& allocator) { found = found || allocator.contains(allocation); });
  return found;
}

}  // namespace vkmembench
