#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "allocator/base/stop_flag.h"
#include "allocator/strategy/strategies.h"
#include "bench/replay/run_settings.h"
#include "bench/run/devices.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

struct FaultLoopOptions {
  RunSettings settings = kCheckedRun;  // of each replay
  // Of each call, result and other fault at most so many, spread evenly over the replay; 0: each until none is reached.
  std::uint64_t max_faults = 0;
  const StopFlag* stop = nullptr;                            // raised: no further replay
  std::function<void(const std::string& fault)> begin = {};  // called before each replay with its fault
};

// What one fault did that it must not. `kind` is one of the oracle's, or `leak`, `device_leak`, `host_leak`,
// `exception`; `unheard`: the device was lost and the replay went on. What happens without a fault is told once, and of
// no fault.
struct FaultFinding {
  std::string fault;
  std::string kind;
  std::string text;
};

// How the faults that were reached ended; a fault counts once.
struct FaultLoopResult {
  std::uint64_t calls = 0;    // that may fail, of a replay without fault
  std::uint64_t reached = 0;  // faults
  std::uint64_t refused = 0;  // a request was refused, or the strategy as a whole
  std::uint64_t failed = 0;   // no request, but an operation or a move
  std::uint64_t ended = 0;    // with the device lost
  std::uint64_t served = 0;   // otherwise, by other memory or a second try: with all contents, nothing was to be told
  std::vector<FaultFinding> findings;
};

// Replays the trace once for each fault: every n-th call of the kFallible fails with every result
// that it may have, memory for metadata is refused at every n-th request, and budgets are reported that say nothing.
// After each, nothing is leaked, overlapped or lost, and the caller knows what was not done. A device opens afresh
// for each; what aborts, aborts. Throws Error for a device that cannot be opened.
[[nodiscard]] FaultLoopResult fault_loop(const Trace& trace, const StrategySpec& strategy, const DeviceChoice& device,
                                         const FaultLoopOptions& options = {});

}  // namespace vkmembench
