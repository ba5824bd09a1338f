#pragma once

#include "allocator/device/simulated/device_profile.h"
#include "allocator/strategy/strategies.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// Replays the trace on the simulated device with all checks on. A violation or a leak ends the process and prints what
// was found; of VMA, which places images in the pages of buffers, not that. Throws Error when profile or strategy
// contradict themselves or the device is too small for the harness.
void replay_checked(const Trace& trace, const StrategySpec& strategy, const DeviceProfile& profile);

// A few objects of each kind that are written, copied, resized, moved and read: what any device and strategy serves or
// refuses.
[[nodiscard]] const Trace& everyday_trace();

}  // namespace vkmembench
