#pragma once

#include <bit>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "allocator/base/pmr_ptr.h"
#include "allocator/core/pools/allocation_record.h"
#include "allocator/core/pools/block.h"
#include "allocator/core/pools/pool_counters.h"
#include "allocator/core/pools/pool_shape.h"
#include "allocator/placement/placement.h"

namespace vkmembench {

// The blocks of a pool, what is placed in them, and the counts of both. Takes no locks and calls no device: that is the
// pool's. Whatever places or takes in throws std::bad_alloc when there is no memory for metadata, and has no effect
// then; the rest needs none.
class PoolBlocks {
 public:
  // Requires a resource that outlives it.
  PoolBlocks(PlacementChoice choice, std::pmr::memory_resource& memory)
      : placement_(choice, memory), blocks_(&memory), idle_(&memory) {}
  PoolBlocks(const PoolBlocks&) = delete;
  PoolBlocks& operator=(const PoolBlocks&) = delete;

  // In a gap; nullptr when none is found.
  [[nodiscard]] Range* place(const PoolNeed& need, const AllocationRecord& record, bool thorough) {
    Range* range = placement_.place(need.size, need.alignment, thorough);
    return range != nullptr ? fill(range, record, need.alignment) : nullptr;
  }
  // In the smallest empty block with room, or with `tight` of those that it nearly fills; nullptr without any.
  [[nodiscard]] Range* place_in_empty(const PoolNeed& need, const AllocationRecord& record, bool tight);
  // At the start of a block without allocations that is not among the empty ones.
  [[nodiscard]] Range* place_in(Block& block, const PoolNeed& need, const AllocationRecord& record) {
    return fill(placement_.place_in_idle(block, need.size), record, need.alignment);
  }
  // See Pool.
  std::size_t place_run(std::span<const PoolNeed> needs, std::span<const AllocationRecord> records,
                        std::span<Range*> ranges, std::size_t more);
  // Puts the record into a range that was claimed for it.
  Range* fill(Range* range, const AllocationRecord& record, Bytes alignment) {
    record_of(*range) = record;
    motion_of(*range) = {};
    range->alignment_log2 = static_cast<std::uint8_t>(std::countr_zero(alignment));
    counters_.placed(*range, record);
    return range;
  }
  // Frees a range that is counted no more. True when its block is empty now, and among no others.
  bool release(Range* range) { return placement_.release(range); }

  void take_in(PmrPtr<Block> block);
  // Requires a block without allocations that is not among the empty ones.
  [[nodiscard]] PmrPtr<Block> take_out(Block& block);
  // Keeps a block without allocations among the empty ones.
  void keep_empty(Block& block);
  // The largest empty block leaves. Requires one.
  [[nodiscard]] PmrPtr<Block> take_out_largest_empty();
  void set_access(Block& block, RegionAccess access);

  [[nodiscard]] const std::pmr::vector<PmrPtr<Block>>& all() const { return blocks_; }
  [[nodiscard]] const std::pmr::vector<Block*>& empty() const { return idle_; }
  [[nodiscard]] FreeSummary free_summary() const;
  [[nodiscard]] Tlsf& packing() { return placement_.packing(); }
  [[nodiscard]] const RangeStore& store() const { return placement_.store(); }
  [[nodiscard]] PoolCounters& counters() { return counters_; }
  [[nodiscard]] const PoolCounters& counters() const { return counters_; }

 private:
  Placement placement_;
  std::pmr::vector<PmrPtr<Block>> blocks_;
  std::pmr::vector<Block*> idle_;  // with room for all blocks, so that one becomes empty without memory
  std::uint32_t next_serial_ = 0;
  PoolCounters counters_;
};

}  // namespace vkmembench
