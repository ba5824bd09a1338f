#include "allocator/core/pools/pool_counters.h"

namespace vkmembench {

void PoolCounters::block_taken_in(const Block& block) {
  block_count_.add(1);
  block_bytes_.add(block.capacity);
  block_bytes_peak_.raise_to(block_bytes_.get());
  if (block.dedicated) dedicated_count_.add(1);
}

void PoolCounters::block_taken_out(const Block& block) {
  block_count_.subtract(1);
  block_bytes_.subtract(block.capacity);
  if (block.dedicated) dedicated_count_.subtract(1);
}

MemoryCounts PoolCounters::counts() const {
  MemoryCounts counts;
  counts.block_count = block_count_.get();
  counts.dedicated_count = dedicated_count_.get();
  counts.allocation_count = allocation_count_.get();
  counts.block_bytes = block_bytes_.get();
  counts.allocation_bytes = allocation_bytes_.get();
  counts.required_bytes = required_bytes_.get();
  counts.empty_bytes = empty_bytes_.get();
  return counts;
}

void PoolCounters::add_to(MonitorReport& report, bool device_local) const {
  EventTotals& totals = report.totals;
  totals.created += created_.get();
  totals.created_bytes += created_bytes_.get();
  totals.destroyed += destroyed_.get();
  totals.destroyed_bytes += destroyed_bytes_.get();
  totals.fallbacks += fallbacks_.get();
  totals.fallback_bytes += fallback_bytes_.get();
  totals.maps += maps_.get();
  for (std::size_t bucket = 0; bucket < sizes_.size(); ++bucket) report.sizes[bucket] += sizes_[bucket].get();
  (device_local ? report.in_device_memory : report.in_host_memory) += created_.get();
}

}  // namespace vkmembench
