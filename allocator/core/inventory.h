#pragma once

#include <string>
#include <vector>

#include "allocator/core/pools/memory_source.h"
#include "allocator/core/pools/monitor.h"
#include "allocator/core/pools/statistics.h"
#include "allocator/core/residents.h"

namespace vkmembench {

// What an allocator holds, by looking through it; see Allocator for what each costs.
[[nodiscard]] Statistics statistics_of(const Residents& residents, const MemorySource& source);
[[nodiscard]] DetailedStatistics detail_of(const Residents& residents);
[[nodiscard]] MonitorReport monitor_of(const Residents& residents);
[[nodiscard]] std::vector<LiveAllocation> live_allocations_of(const Residents& residents, const std::string& tag);
[[nodiscard]] double external_fragmentation_of(const Residents& residents);

}  // namespace vkmembench
