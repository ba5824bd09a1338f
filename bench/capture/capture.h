#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "allocator/device/simulated/device_profile.h"
#include "bench/run/devices.h"

namespace vkmembench {

// A profile of the device, which replays like it: identity, memory, limits and formats as reported, requirements of a
// systematic set of requests and of the scenarios' (at several scales) as rules, what no rule gives in the exact table,
// and measured costs. `when` is an ISO date. Throws Error when the device cannot be opened or is lost.
[[nodiscard]] DeviceProfile capture_profile(const DeviceChoice& choice,
                                            std::span<const std::filesystem::path> scenarios, const std::string& when);

}  // namespace vkmembench
