#include "allocator/core/residents.h"

#include <array>

#include "allocator/device/resource.h"

namespace vkmembench {

Allocation Residents::allocation_of(Range* range) {
  const Block& block = block_of(*range);
  Allocation allocation;
  allocation.resource = record_of(*range).resource;
  allocation.memory = block.memory;
  allocation.offset = range->offset;
  allocation.charged = range->size;
  allocation.token = range;
  allocation.pool = block.pool->shape().index;
  allocation.memory_type = block.pool->shape().memory_type;
  allocation.arena = block.pool->shape().arena;
  allocation.image = record_of(*range).image;
  allocation.dedicated = block.dedicated;
  allocation.fallback = record_of(*range).fallback;
  allocation.part = record_of(*range).part;
  return allocation;
}

bool Residents::contains(const Allocation& allocation) const {
  const auto* range = static_cast<const Range*>(allocation.token);
  for (const Pool* pool : pools_.all())
    if (pool->owns(range)) return pool->holds(range, allocation.resource) || aliases_.holds(allocation.resource, range);
  return false;
}

std::uint64_t Residents::user_of(const Allocation& allocation) const {
  const AllocationRecord& record = record_of(*live_range(allocation));
  if (record.resource == allocation.resource) return record.user;
  return aliases_.user_of(allocation.resource).value_or(record.user);
}

Expected<Allocation> Residents::admit(Range* range, VkResult bound) {
  if (bound != VK_SUCCESS) {
    release(range, record_of(*range).resource);
    refuse();
    return bound;
  }
  kinds_.created(record_of(*range).kind, record_of(*range).requested);
  return allocation_of(range);
}

void Residents::release(Range* range, std::uint64_t resource) {
  Pool& pool = *block_of(*range).pool;
  if (pool.release(range, resource)) pools_.settle_empty(pool);
}

void Residents::vacate(Range* range) {
  Pool& pool = *block_of(*range).pool;
  if (pool.vacate(range)) pools_.settle_empty(pool);
}

void Residents::destroy(const Allocation& allocation) {
  Range* range = live_range(allocation);
  if (record_of(*range).pinned && aliases_.has_aliases(range))
    collect();  // its aliases, perhaps: then the memory goes at once
  destroy_now({range, allocation.resource, allocation.image});
}

// Requires that it is live.
void Residents::destroy_now(const Returned& what) {
  Range* range = what.range;
  const AllocationRecord& record = record_of(*range);
  if (record.resource != what.resource) return destroy_alias(what);
  const bool shared = record.pinned && aliases_.has_aliases(range);
  VKMEMBENCH_CHECK(shared || record.map_count == 0, "an allocation is unmapped before it is destroyed");
  if (!record.held) kinds_.destroyed(record.kind, record.requested);
  if (motion_of(*range).move == RangeMove::leaving) {  // the device may be reading it: its Mover destroys it afterwards
    motion_of(*range).move = RangeMove::abandoned;
    return;
  }
  if (!record.part) destroy_resource(device_, what.resource, what.image);
  if (!shared || !aliases_.outlive(range, what.resource)) release(range, what.resource);
}

void Residents::destroy_alias(const Returned& alias) {
  VKMEMBENCH_CHECK(aliases_.forget(alias.resource, alias.range), "an alias is destroyed once");
  destroy_resource(device_, alias.resource, alias.image);
  if (aliases_.leave(alias.range)) release(alias.range, kGoneOwner);
}

void Residents::destroy_later(const Allocation& allocation) {
  if (!returned_.put({static_cast<Range*>(allocation.token), allocation.resource, allocation.image}))
    destroy(allocation);
}

std::size_t Residents::collect() {
  constexpr std::size_t kAhead = 4;
  std::array<Returned, ReturnBox::kMany> some;
  std::size_t total = 0;
  const std::lock_guard lock(collecting_);  // until they are destroyed
  while (const std::size_t count = returned_.take(some)) {
    for (std::size_t i = 0; i < count; ++i) {
      if (i + kAhead < count) __builtin_prefetch(some[i + kAhead].range);
      check_live(some[i].range, some[i].resource);
      destroy_now(some[i]);
    }
    total += count;
  }
  return total;
}

}  // namespace vkmembench
