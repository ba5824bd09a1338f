#include "allocator/core/inventory.h"

#include <algorithm>

namespace vkmembench {

Statistics statistics_of(const Residents& residents, const MemorySource& source) {
  Statistics statistics = empty_statistics(*source.device().info, source.budget());
  for (const Pool* pool : residents.pools().all()) {
    PoolSnapshot snapshot = pool->snapshot();
    statistics.total += snapshot.now;
    statistics.heaps[snapshot.heap].now += snapshot.now;
    statistics.types[snapshot.memory_type] += snapshot.now;
    const std::size_t index = pool->shape().index;
    if (statistics.pools.size() <= index) statistics.pools.resize(index + 1);
    statistics.pools[index] = std::move(snapshot);
  }
  return statistics;
}

DetailedStatistics detail_of(const Residents& residents) {
  DetailedStatistics detail;
  for (const Pool* pool : residents.pools().all()) {
    MemoryCounts counts;
    FreeRanges free;
    pool->walk([&](const Block& block) {
      BlockMap map;
      map.serial = block.serial;
      map.pool = pool->shape().index;
      map.memory_type = pool->shape().memory_type;
      map.size = block.capacity;
      map.dedicated = block.dedicated;
      ++counts.block_count;
      counts.dedicated_count += block.dedicated ? 1 : 0;
      counts.block_bytes += block.capacity;
      if (block.used_count == 0 && block.access != RegionAccess::closed) counts.empty_bytes += block.capacity;
      for (const Range* range = block.first; range != nullptr; range = range->after) {
        const bool used = range->state == RangeState::used;
        map.spans.push_back(
            {range->offset, range->size, used, used && record_of(*range).image, used ? record_of(*range).user : 0});
        if (used) {
          counts.allocation_bytes += range->size;
          if (record_of(*range).resource == 0) continue;  // only claimed
          ++counts.allocation_count;
          counts.required_bytes += record_of(*range).requested;
        } else {
          free.add(range->size);
        }
      }
      detail.blocks.push_back(std::move(map));
    });
    const std::size_t index = pool->shape().index;
    if (detail.pools.size() <= index) {
      detail.pools.resize(index + 1);
      detail.free.resize(index + 1);
    }
    detail.pools[index] = counts;
    detail.free[index] = free;
  }
  return detail;
}

std::vector<LiveAllocation> live_allocations_of(const Residents& residents, const std::string& tag) {
  const std::uint32_t frame = residents.short_frame();
  std::vector<LiveAllocation> live;
  for (const Pool* pool : residents.pools().all())
    pool->walk([&](const Block& block) {
      for (const Range* range = block.first; range != nullptr; range = range->after) {
        if (range->state != RangeState::used) continue;
        const AllocationRecord& record = record_of(*range);
        if (record.resource == 0 || record.resource == kGoneOwner || record.held ||
            motion_of(*range).move == RangeMove::abandoned)
          continue;
        live.push_back({tag,
                        record.resource,
                        record.user,
                        record.image,
                        record.image ? 0 : record.description,
                        record.requested,
                        pool->shape().index,
                        frame - record.born_frame,
                        {record.origin, record.origin_line}});
      }
    });
  residents.aliases().walk([&](std::uint64_t resource, const Alias& alias) {
    live.push_back({tag, resource, alias.user, alias.image, 0, alias.required,
                    block_of(*alias.target).pool->shape().index, frame - alias.born_frame, alias.origin});
  });
  std::sort(live.begin(), live.end(), older);
  return live;
}

MonitorReport monitor_of(const Residents& residents) {
  MonitorReport report;
  for (const Pool* pool : residents.pools().all()) {
    pool->add_to(report);
    pool->walk([&](const Block& block) {
      for (const Range* range = block.first; range != nullptr; range = range->after) {
        const AllocationRecord& record = record_of(*range);
        const bool lives = record.resource != 0 && record.resource != kGoneOwner;
        if (range->state == RangeState::used && lives && !record.image && record.map_total > 0)
          report.most_mapped.push_back({record.resource, record.user, record.requested, record.map_total});
      }
    });
  }
  for (std::size_t kind = 0; kind < kBufferKindCount; ++kind)
    report.kinds[kind] = residents.kinds().counts(static_cast<BufferKind>(kind));
  report.totals.refused = residents.refused();
  report.totals.frames = residents.frame();
  report.keep_most_mapped();
  return report;
}

double external_fragmentation_of(const Residents& residents) {
  std::array<FreeSummary, VK_MAX_MEMORY_TYPES> types;
  for (const Pool* pool : residents.pools().all()) {
    const FreeSummary free = pool->free_summary();
    FreeSummary& type = types[pool->shape().memory_type];
    type.bytes += free.bytes;
    type.largest = std::max(type.largest, free.largest);
  }
  Bytes bytes = 0;
  Bytes scattered = 0;
  for (const FreeSummary& type : types) {
    bytes += type.bytes;
    scattered += type.bytes - std::min(type.bytes, type.largest);
  }
  return bytes == 0 ? 0.0 : static_cast<double>(scattered) / static_cast<double>(bytes);
}

}  // namespace vkmembench
