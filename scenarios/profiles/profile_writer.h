#pragma once

#include <string>

#include "allocator/device/simulated/device_profile.h"

namespace vkmembench {

// The text of a profile, which parse_profile() reads back as the same device. Requires what that would take.
[[nodiscard]] std::string profile_text(const DeviceProfile& profile);

}  // namespace vkmembench
