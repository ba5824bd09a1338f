#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/base/origin.h"
#include "allocator/host/category_tree.h"
#include "allocator/host/host_shard.h"

namespace vkmembench {

// What was allocated and freed, in all. A reallocation is a free of the old size and an allocation of the new.
struct HostCounts {
  std::uint64_t allocated_count = 0;
  std::uint64_t freed_count = 0;
  Bytes allocated_bytes = 0;
  Bytes freed_bytes = 0;
  Bytes peak_bytes = 0;
  [[nodiscard]] std::uint64_t live_count() const { return allocated_count - freed_count; }
  [[nodiscard]] Bytes live_bytes() const { return allocated_bytes - freed_bytes; }
  // Sums what may be summed: peak_bytes stays.
  void add(const HostCounts& other);
  friend bool operator==(const HostCounts&, const HostCounts&) = default;
};

// The shard that a thread used last. Without a destructor, so that it can be asked until the very end of the thread.
struct LastShard {
  std::uint64_t serial = 0;  // of its counters
  HostShard* shard = nullptr;
  bool ended = false;  // the thread gave its shards back and gets no other
};
inline constinit thread_local LastShard t_last_shard;

// Counts allocations by the rows of a tree. Each thread writes a shard of its own, and readers add the shards up: no
// lock, and no cache line that two threads write, but once a grain of bytes and for a thread's first and last steps. A
// shard passes on when its thread ends, so there are as many as threads lived at once.
//
// Counts and bytes are exact once the threads that wrote are known to be done, and never negative while they run. The
// peak of a place that one thread counts on is exact; other peaks are within a grain a thread that counts there, and
// kPeakStep a thread and a row below. A grain is 1/64 of the peak, but within kLeastGrain and kPeakGrain. What is live
// when the counters are read is a lower bound of the peak, from then on.
class HostCounters {
 public:
  static constexpr std::int64_t kPeakStep = 4096;    // bytes
  static constexpr std::int64_t kLeastGrain = 1024;  // bytes
  static constexpr std::int64_t kPeakGrain = 65536;  // bytes
  static constexpr std::int64_t kGrainsInPeak = 64;

  explicit HostCounters(const CategoryTree& tree);
  ~HostCounters();
  HostCounters(const HostCounters&) = delete;
  HostCounters& operator=(const HostCounters&) = delete;

  // Require a row that the tree knows, and sizes below 2^63. Neither fails, nor throws.
  void allocated(std::uint32_t row, Bytes size) noexcept {
    if (HostShard* shard = mine(); shard != nullptr) [[likely]]
      allocate_on(*shard, row, size);
    else
      allocate_on_common(row, size);
  }
  void freed(std::uint32_t row, Bytes size) noexcept {
    if (HostShard* shard = mine(); shard != nullptr) [[likely]]
      free_on(*shard, row, size);
    else
      free_on_common(row, size);
  }

  // The account that the calling thread remembers for a place, else the one that `find` gives, remembered.
  template <class Find>
  [[nodiscard]] Account recent(Category category, const Origin& origin, const Find& find) noexcept {
    HostShard* shard = mine();
    if (shard == nullptr) return find();
    const auto& [slot, key] = shard->recall(category, origin);
    if (slot.file != origin.file || slot.line_and_category != key) slot = {origin.file, key, find()};
    return slot.account;
  }

  // By row, without those below it but for the peak; up to the number of rows of the tree. Raises peaks to what it
  // finds live.
  [[nodiscard]] std::vector<HostCounts> read() const;

 private:
  class Shards;
  struct Peak {
    std::atomic<std::int64_t> settled{0};  // what the shards do not hold as pending
    std::atomic<std::int64_t> highest{0};
    // Returns the highest.
    std::int64_t raise(std::int64_t reached) noexcept;
  };

  [[nodiscard]] HostShard* mine() const noexcept {
    return t_last_shard.serial == serial_ ? t_last_shard.shard : find_mine();
  }
  [[nodiscard]] HostShard* find_mine() const noexcept;

  void allocate_on(HostShard& shard, std::uint32_t number, Bytes size) noexcept {
    CounterRow& row = shard.row(number);
    const Bytes bytes = row.allocated_bytes.get() + size;
    row.allocated_count.set(row.allocated_count.get() + 1);
    row.allocated_bytes.set(bytes);
    if (const auto live = static_cast<std::int64_t>(bytes - row.freed_bytes.get()); live > row.passed.get())
      pass_on(shard, number, live);
  }
  // Who sees a free also sees the allocation before it: released here, acquired by read().
  void free_on(HostShard& shard, std::uint32_t number, Bytes size) noexcept {
    CounterRow& row = shard.row(number);
    const Bytes bytes = row.freed_bytes.get() + size;
    row.freed_count.set(row.freed_count.get() + 1, std::memory_order_release);
    row.freed_bytes.set(bytes, std::memory_order_release);
    if (const auto live = static_cast<std::int64_t>(row.allocated_bytes.get() - bytes);
        row.passed.get() - live >= kPeakStep)
      pass_on(shard, number, live);
  }
  void allocate_on_common(std::uint32_t row, Bytes size) noexcept;
  void free_on_common(std::uint32_t row, Bytes size) noexcept;
  void pass_on(HostShard& shard, std::uint32_t row, std::int64_t live) noexcept;
  // Returns the grain from here on.
  std::int64_t settle(std::uint32_t row, std::int64_t change, std::int64_t high) noexcept;

  const CategoryTree& tree_;
  const std::uint64_t serial_;  // of all counters of the process
  std::unique_ptr<Peak[]> peaks_;
  std::shared_ptr<Shards> shards_;  // a thread that ends gives its shard back, unless the counters are gone
};

}  // namespace vkmembench
