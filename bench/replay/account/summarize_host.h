#pragma once

#include "bench/replay/record/host_record.h"
#include "reports/model/report.h"

namespace vkmembench {

// Adds the run's `host.*` metrics by category and its host memory. Nothing when none was tracked.
void add_host_memory(Run& run, const HostRecord& record);
// Adds what the device itself holds since it was opened, which is no metadata of the run.
void add_device_memory(Run& run, const HostSnapshot& device);

}  // namespace vkmembench
