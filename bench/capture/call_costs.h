#pragma once

#include <array>

#include "allocator/device/device.h"
#include "allocator/device/simulated/call_cost.h"

namespace vkmembench {

// What each call takes on the device by the wall clock, over sizes and memory types, with the middle half of the
// measurements as its spread. Calls that it does not measure are left at nothing. Throws Error when the device is lost.
// Requires a real device that nothing else works on.
[[nodiscard]] std::array<CallCost, kEntryPointCount> measure_costs(const Device& device);

}  // namespace vkmembench
