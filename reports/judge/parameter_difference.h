#pragma once

#include <string>

namespace vkmembench {

// The parameters in which two runs of a strategy differ, "placement: first_fit -> best_fit, ...", and "none" where only
// one has it; empty when they are alike. Of what StoredRun::parameters holds.
[[nodiscard]] std::string parameter_difference(const std::string& base, const std::string& candidate);

}  // namespace vkmembench
