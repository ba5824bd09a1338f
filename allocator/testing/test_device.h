#pragma once

#include <string>
#include <vector>

#include "allocator/device/simulated/simulated_device.h"

namespace vkmembench {

// Profiles for tests: each stands for a shape of memory, limits or features that real devices have.
[[nodiscard]] std::vector<DeviceProfile> test_profiles();
[[nodiscard]] DeviceProfile test_profile(const std::string& name);  // Requires a name of test_profiles().

}  // namespace vkmembench
