#pragma once

#include <span>
#include <string>

#include "reports/model/report.h"

namespace vkmembench {

// What each strategy takes on each device, of reports of several devices: for each scenario a row a device, and in it
// the most memory reserved and the time in the driver of `vma` (of the first strategy where that is missing), then of
// each other one the ratios to them. Without the floor `null`. Empty for reports of one device.
[[nodiscard]] std::string device_matrix(std::span<const Report* const> reports);

}  // namespace vkmembench
