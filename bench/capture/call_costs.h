#pragma once

#include <array>

#include "allocator/device/device.h"
#include "allocator/device/simulated/call_cost.h"
#include "bench/run/devices.h"

namespace vkmembench {

// What each call takes on the device by the wall clock, over sizes and memory types, with the middle half of the
// measurements as its spread; of waits over the bytes copied meanwhile. Binding of sparse memory, and questions about
// it and about lazily allocated memory, are left at nothing. Each group of calls is measured on the device opened anew,
// as drivers are slower after much else, and without features, as some make every allocation slower. Throws Error when
// the device is lost or fails a call. Requires a real device that nothing else works on.
[[nodiscard]] std::array<CallCost, kEntryPointCount> measure_costs(const DeviceChoice& choice);

}  // namespace vkmembench
