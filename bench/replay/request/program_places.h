#pragma once

#include <string>

#include "allocator/device/device.h"
#include "allocator/seam/program_places.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// Why the recorded program's own places cannot be replayed on the device; empty where they can.
[[nodiscard]] std::string why_no_places(const Trace& trace, const DeviceInfo& device);

// Where the recorded program put the objects of the trace, each by its first place, for users numbered like the objects
// from 1 on. Requires that why_no_places() says nothing.
[[nodiscard]] ProgramPlaces places_of(const Trace& trace);

}  // namespace vkmembench
