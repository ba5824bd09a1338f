#pragma once

#include <string>
#include <utility>
#include <vector>

namespace vkmembench {

// What counts of instructions depend on beside the program's own code, by name: the target, and the loaded libraries by
// their build ids. Counts of two programs compare where these are equal.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> counted_parts();

}  // namespace vkmembench
