#pragma once

#include "bench/replay/measured/context.h"

namespace vkmembench {

// Drives the lanes through the trace, in order or each on a thread of its own, and frees what the trace left; less of
// it when that is stopped, see Recording::events_done. Throws Error when the harness itself cannot go on.
void run_lanes(ReplayContext& context, const ReplayOptions& options);

// What an empty operation is measured to take, in ns: the median.
[[nodiscard]] std::uint64_t measure_overhead(ReplayContext& context);

}  // namespace vkmembench
