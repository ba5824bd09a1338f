#pragma once

#include <array>
#include <cstdint>

#include "allocator/core/pools/allocation_record.h"
#include "allocator/core/pools/block.h"
#include "allocator/core/pools/monitor.h"
#include "allocator/core/pools/statistics.h"

namespace vkmembench {

// What a pool holds and was asked for. Written under the pool's lock; each figure is read without it, several that are
// to agree with it.
class PoolCounters {
 public:
  // A range was taken for the record, which counts as an allocation only where it has a resource.
  void placed(const Range& range, const AllocationRecord& record) {
    allocation_bytes_.add(range.size);
    if (record.resource == 0) return;
    settled(record);
    created_.add(1);
    created_bytes_.add(record.requested);
    sizes_[size_bucket(record.requested)].add(1);
    if (record.fallback) {
      fallbacks_.add(1);
      fallback_bytes_.add(record.requested);
    }
  }
  // A resource moved into a range that was taken before; or out of one, which is free now.
  void settled(const AllocationRecord& record) {
    allocation_count_.add(1);
    required_bytes_.add(record.requested);
  }
  void vacated(const Range& range) {
    const AllocationRecord& record = record_of(range);
    allocation_bytes_.subtract(range.size);
    if (record.resource == 0) return;
    allocation_count_.subtract(1);
    required_bytes_.subtract(record.requested);
  }
  void destroyed(const Range& range) {
    vacated(range);
    destroyed_.add(1);
    destroyed_bytes_.add(record_of(range).requested);
  }
  void mapped() { maps_.add(1); }
  void overflowed() { overflows_.add(1); }

  void block_taken_in(const Block& block);
  void block_taken_out(const Block& block);
  void block_emptied(const Block& block) { empty_bytes_.add(block.capacity); }  // and stays
  void block_in_use(const Block& block) { empty_bytes_.subtract(block.capacity); }

  [[nodiscard]] std::uint64_t block_count() const { return block_count_.get(); }
  [[nodiscard]] Bytes block_bytes() const { return block_bytes_.get(); }
  [[nodiscard]] Bytes block_bytes_peak() const { return block_bytes_peak_.get(); }
  [[nodiscard]] Bytes empty_bytes() const { return empty_bytes_.get(); }
  [[nodiscard]] Bytes allocation_bytes() const { return allocation_bytes_.get(); }
  [[nodiscard]] std::uint64_t overflows() const { return overflows_.get(); }
  [[nodiscard]] MemoryCounts counts() const;
  void add_to(MonitorReport& report, bool device_local) const;

 private:
  Counter allocation_count_, block_count_, dedicated_count_, block_bytes_, block_bytes_peak_, empty_bytes_;
  Counter allocation_bytes_, required_bytes_;
  Counter created_, created_bytes_, destroyed_, destroyed_bytes_, fallbacks_, fallback_bytes_, maps_, overflows_;
  std::array<Counter, kSizeNames.size()> sizes_;
};

}  // namespace vkmembench
