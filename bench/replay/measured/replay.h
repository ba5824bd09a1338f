#pragma once

#include <functional>
#include <memory>

#include "allocator/base/stop_flag.h"
#include "allocator/device/layers/limits_layer.h"
#include "allocator/seam/strategy.h"
#include "bench/replay/record/recording.h"
#include "bench/replay/request/requests.h"
#include "bench/replay/run_settings.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

struct ReplayOptions {
  RunSettings settings = {};
  StopFlag* stop = nullptr;  // raised: no further driver call, whatever is under way
  std::function<void(std::uint64_t events_done)> progress = {};  // about every 4096 events, from the replaying thread
};

using MakeStrategy = std::function<std::unique_ptr<Strategy>(const Device&)>;

// Replays the trace: makes the strategy on a recording layer over `limits`, drives it, frees what the trace left,
// destroys it, and returns what happened. `raw` is the device below `limits`, for memory that only checking needs. Once
// the flag is raised, as the replay does itself when the device is lost, it measures no further: a strategy whose time
// is up or whose device is lost still frees what it holds; after anything graver all of it, and the device, is left as
// it is, for the process to end, see abandon(). A refused request and a failed copy are data. Requires `requests`
// resolved from the same trace and device.
[[nodiscard]] Recording replay(const Trace& trace, const Requests& requests, LimitsLayer& limits, const Device& raw,
                               const MakeStrategy& make, const ReplayOptions& options);

// Ticks of a recording to nanoseconds: the machine's rate, or 1 under the model clock.
[[nodiscard]] double ns_per_tick(const Device& device);

}  // namespace vkmembench
