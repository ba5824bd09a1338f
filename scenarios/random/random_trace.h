#pragma once

#include <cstddef>
#include <cstdint>

#include "scenarios/trace/trace.h"

namespace vkmembench {

// What a random trace is drawn from; equal ones give the same trace, whichever compiler built the program.
struct RandomTraceOptions {
  std::uint64_t seed = 1;
  std::size_t events = 1000;  // of the trace, exactly
  std::uint32_t lanes = 4;
  Bytes max_live_bytes = 512 * kMiB;  // bytes asked for, frees in flight included
};

// A valid trace over every op: what it asks for, how often, and how long it keeps it follow habits that are drawn anew
// for every seed. Requires events > 0 and lanes from 1 to kMaxTraceLanes.
[[nodiscard]] Trace random_trace(const RandomTraceOptions& options);

}  // namespace vkmembench
