#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/base/origin.h"
#include "allocator/core/pools/memory_budget.h"
#include "allocator/device/device.h"

namespace vkmembench {

// Blocks and allocations of a pool, memory type or heap. Allocation bytes are those charged, required bytes those that
// the device asks for them.
struct MemoryCounts {
  std::uint64_t block_count = 0;
  std::uint64_t dedicated_count = 0;  // of the blocks
  std::uint64_t allocation_count = 0;
  Bytes block_bytes = 0;
  Bytes allocation_bytes = 0;
  Bytes required_bytes = 0;
  Bytes empty_bytes = 0;  // blocks without allocations
  [[nodiscard]] Bytes free_bytes() const { return block_bytes - allocation_bytes; }
  MemoryCounts& operator+=(const MemoryCounts& other);
  friend bool operator==(const MemoryCounts&, const MemoryCounts&) = default;
};

struct PoolSnapshot {
  std::string name;
  std::uint32_t memory_type = 0;
  std::uint32_t heap = 0;
  MemoryCounts now;
  Bytes peak_block_bytes = 0;
  std::uint64_t overflows = 0;  // requests that found a named pool exhausted
};

struct HeapSnapshot {
  MemoryCounts now;
  Bytes peak_block_bytes = 0;  // of every allocator that shares the budget
  Bytes reserved_bytes = 0;    // likewise
  Bytes budget_bytes = 0;
};

// What an allocator holds, from counters that run all the time: taking it walks pools, never allocations.
struct Statistics {
  MemoryCounts total;
  std::vector<HeapSnapshot> heaps;
  std::vector<MemoryCounts> types;
  std::vector<PoolSnapshot> pools;  // by index; nameless where an index is another arena's
};
// Of a device that holds nothing: its heaps as the budget sees them, and its types.
[[nodiscard]] Statistics empty_statistics(const DeviceInfo& device, const MemoryBudget& budget);
// A table for people: heaps, then pools that hold or held something, with fill and peaks.
[[nodiscard]] std::string to_table(const Statistics& statistics);

// What changed from one snapshot to a later one of the same allocator, by pool in the later one's order.
struct CountsChange {
  std::string name;
  std::int64_t block_count = 0;
  std::int64_t allocation_count = 0;
  std::int64_t block_bytes = 0;
  std::int64_t allocation_bytes = 0;
};
struct StatisticsChange {
  CountsChange total;
  std::vector<CountsChange> pools;  // those that changed
};
[[nodiscard]] StatisticsChange difference(const Statistics& before, const Statistics& after);

// One stretch of a block, as the memory map shows it.
struct Span {
  Offset offset = 0;
  Bytes size = 0;
  bool used = false;
  bool image = false;
  std::uint64_t user = 0;
};
struct BlockMap {
  std::uint32_t serial = 0;  // unique in its pool, older blocks first
  std::uint32_t pool = 0;
  std::uint32_t memory_type = 0;
  Bytes size = 0;
  bool dedicated = false;
  std::vector<Span> spans;  // by offset, covering the block
};

// Free ranges inside blocks; see metrics `frag.*`.
struct FreeRanges {
  std::uint64_t count = 0;
  Bytes bytes = 0;
  Bytes largest = 0;
  double sum_of_squares = 0;
  void add(Bytes size);
  [[nodiscard]] double external_ratio() const;  // 1 - largest / bytes, 0 without free bytes
};

// The outcome of a walk over every block and range.
struct DetailedStatistics {
  std::vector<MemoryCounts> pools;  // counted anew from the ranges
  std::vector<FreeRanges> free;     // by pool
  std::vector<BlockMap> blocks;
};

// An allocation that is still live, as a leak report shows it.
struct LiveAllocation {
  std::string tag;  // of its allocator
  std::uint64_t resource = 0;
  std::uint64_t user = 0;
  bool image = false;
  std::uint32_t usage = 0;  // of a buffer: VkBufferUsageFlags
  Bytes size = 0;           // required
  std::uint32_t pool = 0;
  std::uint32_t age_frames = 0;
  Origin origin;
};
// The order of leak reports: the oldest first.
[[nodiscard]] bool older(const LiveAllocation& a, const LiveAllocation& b);
// One line for people: tag, user, kind, size, age and the place that asked for it.
[[nodiscard]] std::string to_text(const LiveAllocation& live);

}  // namespace vkmembench
