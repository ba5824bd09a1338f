#pragma once

#include <string>

#include "allocator/device/device.h"
#include "allocator/seam/strategy.h"

namespace vkmembench {

// Why the device does not support such an image: what it answered, and what of type, tiling, usage or size is at fault
// where changing that alone would do; empty when it supports it.
[[nodiscard]] std::string unsupported_reason(const Device& device, const ImageRequest& request);

// "3D, linear tiling, usage sampled|transfer_src".
[[nodiscard]] std::string describe_use(const ImageRequest& request);

}  // namespace vkmembench
