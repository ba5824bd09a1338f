#pragma once

#include <string>
#include <vector>

#include "allocator/device/device.h"

namespace vkmembench {

// What decides differently where memory goes on two devices: heaps, types, granularity and limits, a sentence each, in
// words; empty when nothing does.
[[nodiscard]] std::vector<std::string> memory_differences(const DeviceInfo& one, const DeviceInfo& other);

}  // namespace vkmembench
