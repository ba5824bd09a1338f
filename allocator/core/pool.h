#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "allocator/base/expected.h"
#include "allocator/core/block.h"
#include "allocator/core/memory_source.h"
#include "allocator/core/monitor.h"
#include "allocator/core/options.h"
#include "allocator/core/statistics.h"
#include "allocator/core/tlsf.h"

namespace vkmembench {

class Allocator;

// What a pool is for and how its blocks are sized.
struct PoolShape {
  std::string name;
  std::uint16_t index = 0;
  Allocator* owner = nullptr;
  std::uint8_t memory_type = 0;
  Bytes block_bytes = 0;  // 0: grows
};

// What is asked of a pool.
struct PoolNeed {
  Bytes size = 0;
  Bytes alignment = 1;
  Bytes expected = 0;  // with what follows soon, so that one block serves it all; at least `size` or 0
};

// Allocations of one class in one memory type: the blocks they share, and those dedicated to one each. Safe from any
// thread. The lock is not held while the device makes or frees memory.
class alignas(64) Pool {
 public:
  // Requires a source and options that outlive it.
  Pool(MemorySource& source, const CoreOptions& options, PoolShape shape);
  ~Pool();  // Gives every block back, live allocations or not.
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // In the blocks that are there: a gap first, then (with `idle`) an empty block. nullptr when nothing fits.
  [[nodiscard]] Range* place(const PoolNeed& need, const AllocationRecord& record, bool idle);
  // In a new block, made smaller when the device refuses; another thread's new block serves as well.
  [[nodiscard]] Expected<Range*> grow(const PoolNeed& need, const AllocationRecord& record);
  // In memory of its own, charged exactly.
  [[nodiscard]] Expected<Range*> place_dedicated(Bytes size, const AllocationRecord& record, DedicatedTo resource);
  // Frees the range. True when its block became empty, and was kept or given back. Requires a used range that is not
  // mapped and holds this resource: a double or foreign release aborts.
  bool release(Range* range, std::uint64_t resource);
  // Gives empty blocks back, largest first, until at most `keep` bytes of them are left; the bytes given back.
  Bytes trim(Bytes keep);
  // Makes an empty block ahead of need.
  VkResult prewarm();
  // Bytes of the block that grow() would make first.
  [[nodiscard]] Bytes next_block_bytes(const PoolNeed& need) const;

  // Maps nest, one vkMapMemory a block.
  [[nodiscard]] Expected<std::byte*> map(Range* range);
  void unmap(Range* range);
  // Requires the range to be mapped.
  [[nodiscard]] VkResult flush(const Range* range, Offset offset, Bytes size, bool invalidate);
  void touch(Range* range, std::uint32_t frame);

  [[nodiscard]] const PoolShape& shape() const { return shape_; }
  [[nodiscard]] MemoryCounts counts() const;
  [[nodiscard]] PoolSnapshot snapshot() const;
  [[nodiscard]] Bytes empty_bytes() const { return empty_bytes_.get(); }
  [[nodiscard]] Bytes live_bytes() const { return allocation_bytes_.get(); }
  void add_to(MonitorReport& report) const;
  [[nodiscard]] Bytes host_bytes() const;
  [[nodiscard]] bool owns(const void* range) const;
  [[nodiscard]] bool holds(const Range* range, std::uint64_t resource) const;  // Requires owns(range).
  // Calls `visit` for each block, oldest first, under the lock.
  void walk(const std::function<void(const Block&)>& visit) const;

 private:
  Range* place_locked(const PoolNeed& need, const AllocationRecord& record, bool idle, bool thorough);
  Range* place_in_idle_locked(const PoolNeed& need, const AllocationRecord& record);
  Expected<Block*> make_block(Bytes size, DedicatedTo resource);
  void take_in_locked(std::unique_ptr<Block> block);
  std::unique_ptr<Block> take_out_locked(Block& block);
  void give_back(Block& block);
  Range* fill_locked(Range* range, const AllocationRecord& record);

  MemorySource& source_;
  const CoreOptions& options_;
  PoolShape shape_;
  std::mutex growing_;  // before mutex_
  mutable std::mutex mutex_;
  Tlsf placement_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<Block*> idle_;
  std::uint32_t next_serial_ = 0;

  Counter block_count_, dedicated_count_, block_bytes_, block_bytes_peak_, empty_bytes_;
  Counter allocation_bytes_, allocation_bytes_peak_, required_bytes_;
  Counter created_, created_bytes_, destroyed_, destroyed_bytes_, fallbacks_, fallback_bytes_, maps_;
  std::array<Counter, kSizeNames.size()> sizes_;
};

}  // namespace vkmembench
