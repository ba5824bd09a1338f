#pragma once

#include <functional>
#include <string>
#include <vector>

#include "scenarios/json/json_reader.h"

namespace vkmembench {

// The values that a parameter takes in turn, as texts: one value, a list of them, or a range
// {"from": 1, "to": 8, "step": 1} or {"from": "1 MiB", "to": "16 MiB", "factor": 2}, ends included. Throws Error with
// its place for a range that does not end, and for a list or range that is empty or too long.
[[nodiscard]] std::vector<std::string> read_values(const JsonValue& json);

}  // namespace vkmembench
