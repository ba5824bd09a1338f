#pragma once

#include <filesystem>

#include "reports/judge/gate_policy.h"

namespace vkmembench {

// A policy file. Throws Error with file, line and JSON pointer for one that is not as vkmembench.gate/1 says, unknown
// keys with a suggestion.
[[nodiscard]] GatePolicy read_gate_policy(const std::filesystem::path& file);

// What `ab` judges without a policy: create p50, destroy p50 and operations per second, each against 5 %.
[[nodiscard]] GatePolicy default_ab_policy();

}  // namespace vkmembench
