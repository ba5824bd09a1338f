#pragma once

#include <vector>

#include "allocator/base/stop_flag.h"
#include "bench/doctor/doctor.h"

namespace vkmembench {

// Times this program against itself in pairs of fresh processes, as `ab` does, for some seconds, and says how noisy
// the machine is and which change `ab` could see here. One finding; not ok when the machine is too noisy for `ab`.
// Throws Error once the flag is raised.
[[nodiscard]] Finding examine_noise(const StopFlag& stop);

// The smallest change for the worse that `ab` would find in nine of ten measurements, by the log ratios of base
// against base: such that four of five pairs lie beyond the margin, which the last look needs for that. Requires a
// pair.
[[nodiscard]] double smallest_visible_change(std::vector<double> control_log_ratios, double margin);

}  // namespace vkmembench
