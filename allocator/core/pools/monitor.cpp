#include "allocator/core/pools/monitor.h"

#include <algorithm>

namespace vkmembench {

EventTotals& EventTotals::operator+=(const EventTotals& other) {
  created += other.created;
  destroyed += other.destroyed;
  refused += other.refused;
  created_bytes += other.created_bytes;
  destroyed_bytes += other.destroyed_bytes;
  fallbacks += other.fallbacks;
  fallback_bytes += other.fallback_bytes;
  maps += other.maps;
  frames = std::max(frames, other.frames);
  return *this;
}

KindCounts& KindCounts::operator+=(const KindCounts& other) {
  created += other.created;
  live += other.live;
  live_bytes += other.live_bytes;
  peak_bytes += other.peak_bytes;
  return *this;
}

void MonitorReport::keep_most_mapped() {
  std::stable_sort(most_mapped.begin(), most_mapped.end(),
                   [](const Mapped& a, const Mapped& b) { return a.map_total > b.map_total; });
  if (most_mapped.size() > kMostMapped) most_mapped.resize(kMostMapped);
}

MonitorReport& MonitorReport::operator+=(const MonitorReport& other) {
  totals += other.totals;
  for (std::size_t bucket = 0; bucket < sizes.size(); ++bucket) sizes[bucket] += other.sizes[bucket];
  in_device_memory += other.in_device_memory;
  in_host_memory += other.in_host_memory;
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) kinds[kind] += other.kinds[kind];
  most_mapped.insert(most_mapped.end(), other.most_mapped.begin(), other.most_mapped.end());
  keep_most_mapped();
  return *this;
}

}  // namespace vkmembench
