#pragma once

#include <cstdint>
#include <functional>
#include <memory_resource>
#include <mutex>
#include <span>

#include "allocator/base/expected.h"
#include "allocator/base/pmr_ptr.h"
#include "allocator/core/pools/allocation_record.h"
#include "allocator/core/pools/block.h"
#include "allocator/core/pools/block_sizes.h"
#include "allocator/core/pools/brief_mutex.h"
#include "allocator/core/pools/memory_source.h"
#include "allocator/core/pools/monitor.h"
#include "allocator/core/pools/options.h"
#include "allocator/core/pools/pool_blocks.h"
#include "allocator/core/pools/pool_shape.h"
#include "allocator/core/pools/statistics.h"
#include "allocator/placement/tlsf.h"

namespace vkmembench {

// Allocations of one class in one memory type: the blocks they share, and those dedicated to one each. Safe from any
// thread. The lock is not held while the device makes or frees memory. A record without a resource claims its range for
// a resource that moves in: the bytes are taken, but no allocation is counted before settle(). Whatever places or
// claims throws std::bad_alloc when the host has no memory for metadata, and has no effect then; what frees needs
// none.
class alignas(64) Pool {
 public:
  // Requires a source, options and memory that outlive it.
  Pool(MemorySource& source, const AllocatorOptions& options, PoolShape shape, std::pmr::memory_resource& memory);
  ~Pool();  // Gives every block back, live allocations or not.
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // In the blocks that are there: a gap first, then (with `empty`) an empty block. nullptr when nothing fits.
  [[nodiscard]] Range* place(const PoolNeed& need, const AllocationRecord& record, bool empty);
  // The same for several, into gaps only, until one finds none or has no memory for its metadata; how many were placed.
  // Requires a pool without a name, and spans of equal size. `more` are expected soon after these, and their metadata
  // is made at once.
  std::size_t place_run(std::span<const PoolNeed> needs, std::span<const AllocationRecord> records,
                        std::span<Range*> ranges, std::size_t more);
  // In a new block, made smaller when the device refuses; another thread's new block serves as well. A named pool makes
  // no smaller ones: VK_ERROR_OUT_OF_POOL_MEMORY for what is larger than its blocks, or when it has all of them.
  [[nodiscard]] Expected<Range*> grow(const PoolNeed& need, const AllocationRecord& record);
  // In memory of its own, of exactly the needed size.
  [[nodiscard]] Expected<Range*> place_dedicated(const PoolNeed& need, const AllocationRecord& record,
                                                 const MemoryFor& purpose);
  // Frees the range. True when its block became empty, and was kept or given back. Requires a used range that is not
  // mapped and holds this resource: a double or foreign release aborts.
  bool release(Range* range, std::uint64_t resource);
  // Gives empty blocks back, largest first, until at most `keep` bytes of them are left; the bytes given back.
  Bytes trim(Bytes keep);
  // Makes an empty block ahead of need.
  VkResult prewarm();
  // Bytes of the block that grow() would make first.
  [[nodiscard]] Bytes next_block_bytes(const PoolNeed& need) const;

  // Maps nest, one vkMapMemory a block. A map is a use in this frame.
  [[nodiscard]] Expected<std::byte*> map(Range* range, std::uint32_t frame);
  void unmap(Range* range);
  // Requires the range to be mapped.
  [[nodiscard]] VkResult flush(const Range* range, Offset offset, Bytes size, bool invalidate);
  void touch(Range* range, std::uint32_t frame);
  bool pin(Range* range, bool pinned);  // what it was before
  // The resource is destroyed, and others keep the range.
  void outlive(Range* range, std::uint64_t resource);
  // Takes the allocation out of use and back into it, keeping memory and resource. Requires it to be unmapped.
  void hold(Range* range, std::uint64_t resource);
  void renew(Range* range, const AllocationRecord& record);

  // An allocation now lives in a claimed range.
  void settle(Range* range, const AllocationRecord& record);
  // Frees a range that was claimed, or whose allocation moved away. True like release().
  bool vacate(Range* range);
  // Calls `visit` under the lock for each block that several allocations can share and that some do, but for closed
  // ones.
  template <class Visit>
  void for_each_shared(const Visit& visit) const {
    const std::lock_guard lock(mutex_);
    for (const PmrPtr<Block>& block : blocks_.all())
      if (!block->dedicated && block->access != RegionAccess::closed && block->used_count > 0) visit(*block);
  }
  // See Tlsf. A closed block stays when it becomes empty, until it has another access or retires.
  void set_access(Block& block, RegionAccess access);
  void open_all();  // likewise, every block
  // The same in parts: up to `most` ranges at a time, each given to `visit` under the lock, which stops it by false: it
  // sees the range again then. The steps made; `done` says whether that was all. A block that is gone, or empty and not
  // closed, is done.
  void begin_access(Block& block, RegionAccess access);
  std::size_t continue_access(Block* block, std::size_t most, const std::function<bool(Range&)>& visit, bool& done);
  Bytes retire(Block& block);  // Gives a closed block back. Requires it to be empty.
  // Claims the tightest gap of blocks with a rank below `rank`; see Tlsf::place_below().
  [[nodiscard]] Range* claim_below(std::uint32_t rank, const PoolNeed& need, const AllocationRecord& record,
                                   Tlsf::Seen& seen, std::size_t& steps);
  // A closed block of exactly that size, and its ranges one after another: after `last` while that is used, else after
  // what is.
  [[nodiscard]] Expected<Block*> make_closed(Bytes size);
  [[nodiscard]] Range* claim_next(Block& block, const Range* last, const PoolNeed& need,
                                  const AllocationRecord& record);
  [[nodiscard]] FreeSummary free_summary() const;

  [[nodiscard]] const PoolShape& shape() const { return shape_; }
  [[nodiscard]] MemoryCounts counts() const;
  [[nodiscard]] PoolSnapshot snapshot() const;
  [[nodiscard]] Bytes empty_bytes() const;  // of blocks that trim() may give back
  [[nodiscard]] Bytes live_bytes() const { return counters().allocation_bytes(); }
  void add_to(MonitorReport& report) const;
  [[nodiscard]] bool owns(const void* range) const;
  [[nodiscard]] bool holds(const Range* range, std::uint64_t resource) const;  // Requires owns(range).
  // Calls `visit` for each block, oldest first, under the lock.
  void walk(const std::function<void(const Block&)>& visit) const;

 private:
  Range* place_locked(const PoolNeed& need, const AllocationRecord& record, bool empty, bool thorough);
  Expected<Block*> make_block(Bytes size, bool last_resort, bool own = false, const MemoryFor& purpose = {});
  Range* fill_made(Block& block, const PoolNeed& need, const AllocationRecord& record);
  PmrPtr<Block> take_out_largest_empty(Bytes keep);
  void give_back(Block& block);
  Expected<Range*> grow_named(const PoolNeed& need, const AllocationRecord& record);
  bool empty_locked(Block& block, PmrPtr<Block>& gone);
  [[nodiscard]] const PoolCounters& counters() const { return blocks_.counters(); }

  MemorySource& source_;
  const AllocatorOptions& options_;
  std::pmr::memory_resource& memory_;
  PoolShape shape_;
  BlockSizes sizes_;
  std::mutex growing_;  // before mutex_
  mutable BriefMutex mutex_;
  PoolBlocks blocks_;
};

}  // namespace vkmembench
