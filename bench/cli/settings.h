#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/workload/scenario.h"

namespace vkmembench {

// Splits the KEY=VALUE of every --set. Throws Error for one without a key or '='.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_settings(const std::vector<std::string>& items);

// Says so when a --seed was given that nothing of the scenario draws from.
void warn_of_idle_seed(const Scenario& scenario, const std::optional<std::uint64_t>& seed);

}  // namespace vkmembench
