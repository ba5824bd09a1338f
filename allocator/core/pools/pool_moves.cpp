// The parts of Pool that let allocations move.
#include <algorithm>

#include "allocator/base/check.h"
#include "allocator/core/pools/pool.h"

namespace vkmembench {

void Pool::settle(Range* range, const AllocationRecord& record) {
  const std::lock_guard lock(mutex_);
  VKMEMBENCH_CHECK(range->state == RangeState::used && record_of(*range).resource == 0 && record.resource != 0,
                   "an allocation settles in a claimed range");
  record_of(*range) = record;
  allocation_count_.add(1);
  required_bytes_.add(record.requested);
}

bool Pool::vacate(Range* range) {
  PmrPtr<Block> gone;
  {
    const std::lock_guard lock(mutex_);
    VKMEMBENCH_CHECK(range->state == RangeState::used && record_of(*range).map_count == 0,
                     "a range is vacated once, when nobody maps it");
    allocation_bytes_.subtract(range->size);
    if (record_of(*range).resource != 0) {
      allocation_count_.subtract(1);
      required_bytes_.subtract(record_of(*range).requested);
    }
    Block& block = block_of(*range);
    if (!placement_.release(range) || !empty_locked(block, gone)) return false;
  }
  if (gone != nullptr) give_back(*gone);
  return true;
}

void Pool::set_access(Block& block, RegionAccess access) {
  const std::lock_guard lock(mutex_);
  set_access_locked(block, access);
}

void Pool::open_all() {
  const std::lock_guard lock(mutex_);
  for (const PmrPtr<Block>& block : blocks_)
    if (block->access != RegionAccess::open || block->walked != nullptr) set_access_locked(*block, RegionAccess::open);
}

void Pool::set_access_locked(Block& block, RegionAccess access) {
  VKMEMBENCH_CHECK(block.used_count > 0 || block.access == RegionAccess::closed,
                   "an empty block is not closed but trimmed");
  placement_.packing().set_access(block, access);
  if (block.used_count > 0 || access == RegionAccess::closed) return;
  block.access = RegionAccess::open;
  idle_.push_back(&block);
  empty_bytes_.add(block.capacity);
}

void Pool::begin_access(Block& block, RegionAccess access) {
  const std::lock_guard lock(mutex_);
  VKMEMBENCH_CHECK(block.used_count > 0, "an empty block is not closed but trimmed");
  placement_.packing().begin_access(block, access);
}

std::size_t Pool::continue_access(Block* block, std::size_t most, const std::function<bool(Range&)>& visit,
                                  bool& done) {
  const std::lock_guard lock(mutex_);
  done = std::none_of(blocks_.begin(), blocks_.end(), [block](const auto& there) { return there.get() == block; });
  std::size_t steps = blocks_.size() / 16;  // a pointer a block costs less than a range
  while (!done && steps < most) {
    Range* range = block->walked;
    if (range != nullptr && !visit(*range)) break;
    ++steps;
    done = placement_.packing().next_access(*block) == nullptr;
  }
  return steps;
}

Bytes Pool::retire(Block& block) {
  const Bytes bytes = block.capacity;
  PmrPtr<Block> gone;
  {
    const std::lock_guard lock(mutex_);
    VKMEMBENCH_CHECK(block.access == RegionAccess::closed && block.used_count == 0,
                     "only a closed block without allocations retires");
    gone = take_out_locked(block);
  }
  give_back(*gone);
  return bytes;
}

Range* Pool::claim_below(std::uint32_t rank, const PoolNeed& need, const AllocationRecord& record, Tlsf::Seen& seen,
                         std::size_t& steps) {
  const std::lock_guard lock(mutex_);
  Range* range = placement_.packing().place_below(rank, need.size, need.alignment, seen, steps);
  return range == nullptr ? nullptr : fill_locked(range, record, need.alignment);
}

Expected<Block*> Pool::make_closed(Bytes size) {
  const Expected<Block*> block = make_block(size, false);
  if (!block) return block;
  const std::lock_guard lock(mutex_);
  placement_.packing().set_access(**block, RegionAccess::closed);
  return block;
}

Range* Pool::claim_next(Block& block, const Range* last, const PoolNeed& need, const AllocationRecord& record) {
  const std::lock_guard lock(mutex_);
  VKMEMBENCH_CHECK(block.access == RegionAccess::closed, "only a closed block is filled by name");
  if (last == nullptr || last->state != RangeState::used || last->region != &block) {  // gone since, perhaps
    last = nullptr;
    for (const Range* range = block.first; range != nullptr; range = range->after)
      if (range->state == RangeState::used) last = range;
  }
  Range* range = nullptr;
  if (last != nullptr)
    range = placement_.packing().place_after(*last, need.size, need.alignment);
  else if (need.size <= block.capacity)
    range = placement_.place_in_idle(block, need.size);
  return range == nullptr ? nullptr : fill_locked(range, record, need.alignment);
}

FreeSummary Pool::free_summary() const {
  const std::lock_guard lock(mutex_);
  FreeSummary summary{block_bytes_.get() - allocation_bytes_.get(), placement_.largest_free()};
  for (const Block* block : idle_) summary.largest = std::max(summary.largest, block->capacity);
  return summary;
}

}  // namespace vkmembench
