#pragma once

#include <string>
#include <vector>

#include "allocator/strategy/strategies.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// Throws Error when one of the strategies does what the recorded program did and the trace does not tell that, or not
// for the device.
void require_places(const std::vector<StrategySpec>& strategies, const Trace& trace, const DeviceInfo& device);

// Leaves such strategies out. Returns why, for traces that somebody recorded; else nothing.
[[nodiscard]] std::string leave_out_without_places(std::vector<StrategySpec>& strategies, const Trace& trace,
                                                   const DeviceInfo& device);

}  // namespace vkmembench
