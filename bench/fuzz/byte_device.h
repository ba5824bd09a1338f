#pragma once

#include "allocator/device/simulated/device_profile.h"
#include "bench/fuzz/byte_source.h"

namespace vkmembench {

// A small device with limits, memory types, requirements and budgets as the bytes decide, hostile ones included.
[[nodiscard]] DeviceProfile device_of(ByteSource& bytes);

}  // namespace vkmembench
