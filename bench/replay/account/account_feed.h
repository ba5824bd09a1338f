#pragma once

#include <cstdint>

#include "allocator/base/stop_flag.h"
#include "allocator/device/device.h"
#include "bench/replay/record/recording.h"
#include "bench/replay/request/requests.h"
#include "reports/model/report.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

struct AccountOptions {
  std::uint32_t series_points = 256;
  bool keep_snapshots = true;
  std::size_t snapshot_rows = 500;
  double ns_per_tick = 1.0;
  const StopFlag* stop = &kNeverStopped;
};

// Plays a recording once more, in order and at no cost to what was measured, into a MemoryAccount, and appends the
// metrics, series, statistics and snapshots that follow to the run. Fills Run::tags. When everything is to end and it
// takes long, it gives up: an event of the run says so in place of the metrics.
void account_for(Run& run, const Trace& trace, const Requests& requests, const Recording& recording,
                 const DeviceInfo& device, const AccountOptions& options);

}  // namespace vkmembench
