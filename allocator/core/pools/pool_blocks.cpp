#include "allocator/core/pools/pool_blocks.h"

#include <algorithm>
#include <new>

#include "allocator/base/check.h"

namespace vkmembench {

Range* PoolBlocks::place_in_empty(const PoolNeed& need, const AllocationRecord& record, bool tight) {
  Block* best = nullptr;
  for (Block* block : idle_) {
    if (block->capacity < need.size) continue;
    // What would be left beside a large allocation is seldom of use: a block of the right size is tighter.
    const bool wasteful = tight && need.size > block->capacity / 2 && block->capacity - need.size > block->capacity / 8;
    if (!wasteful && (best == nullptr || block->capacity < best->capacity ||
                      (block->capacity == best->capacity && block->serial < best->serial)))
      best = block;
  }
  if (best == nullptr) return nullptr;
  Range* range = placement_.place_in_idle(*best, need.size);
  idle_.erase(std::find(idle_.begin(), idle_.end(), best));
  counters_.block_in_use(*best);
  return fill(range, record, need.alignment);
}

std::size_t PoolBlocks::place_run(std::span<const PoolNeed> needs, std::span<const AllocationRecord> records,
                                  std::span<Range*> ranges, std::size_t more) {
  std::size_t placed = 0;
  try {
    Tlsf& placement = packing();
    placement.reserve(needs.size() + more);
    Tlsf::Run run(placement);
    for (; placed < needs.size(); ++placed) {
      const PoolNeed& need = needs[placed];
      Range* range = run.place(need.size, need.alignment);
      if (range == nullptr) break;
      ranges[placed] = fill(range, records[placed], need.alignment);
    }
  } catch (const std::bad_alloc&) {  // the next that is placed by itself says so
  }
  return placed;
}

void PoolBlocks::take_in(PmrPtr<Block> block) {
  if (blocks_.size() == blocks_.capacity()) blocks_.reserve(blocks_.size() + std::max<std::size_t>(blocks_.size(), 8));
  idle_.reserve(blocks_.capacity());
  block->serial = next_serial_;
  block->position = static_cast<std::uint32_t>(blocks_.size());
  placement_.add(*block);
  ++next_serial_;
  counters_.block_taken_in(*block);
  blocks_.push_back(std::move(block));
}

PmrPtr<Block> PoolBlocks::take_out(Block& block) {
  placement_.remove(block);
  counters_.block_taken_out(block);
  const std::uint32_t position = block.position;
  PmrPtr<Block> taken = std::move(blocks_[position]);
  if (position + 1 != blocks_.size()) {
    blocks_[position] = std::move(blocks_.back());
    blocks_[position]->position = position;
  }
  blocks_.pop_back();
  return taken;
}

void PoolBlocks::keep_empty(Block& block) {
  idle_.push_back(&block);
  counters_.block_emptied(block);
}

PmrPtr<Block> PoolBlocks::take_out_largest_empty() {
  const auto largest = std::max_element(idle_.begin(), idle_.end(), [](const Block* a, const Block* b) {
    return a->capacity != b->capacity ? a->capacity < b->capacity : a->serial < b->serial;
  });
  Block& block = **largest;
  idle_.erase(largest);
  counters_.block_in_use(block);
  return take_out(block);
}

void PoolBlocks::set_access(Block& block, RegionAccess access) {
  VKMEMBENCH_CHECK(block.used_count > 0 || block.access == RegionAccess::closed,
                   "an empty block is not closed but trimmed");
  packing().set_access(block, access);
  if (block.used_count > 0 || access == RegionAccess::closed) return;
  block.access = RegionAccess::open;
  keep_empty(block);
}

FreeSummary PoolBlocks::free_summary() const {
  FreeSummary summary{counters_.block_bytes() - counters_.allocation_bytes(), placement_.largest_free()};
  for (const Block* block : idle_) summary.largest = std::max(summary.largest, block->capacity);
  return summary;
}

}  // namespace vkmembench
