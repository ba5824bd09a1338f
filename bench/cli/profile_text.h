#pragma once

#include <string>

#include "allocator/device/simulated/device_profile.h"

namespace vkmembench {

// A profile for people: identity, memory, limits, what answers requests, what calls cost at a few sizes, and where each
// of that comes from.
[[nodiscard]] std::string profile_for_people(const DeviceProfile& profile);

}  // namespace vkmembench
