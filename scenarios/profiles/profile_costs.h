#pragma once

#include "allocator/device/simulated/device_profile.h"
#include "scenarios/json/json_reader.h"

namespace vkmembench {

// `costs`: of each call a line, or curves by memory type. Requires the profile's memory types to be read. Only
// profile*.cpp include this.
void read_costs(const JsonValue& costs, DeviceProfile& out);

}  // namespace vkmembench
