#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bench/replay/counting/counting.h"

namespace vkmembench {

// What counts of instructions depend on beside the program's own code, by name: the target, the CPU where it is the one
// that counts, and the loaded libraries by their build ids. Counts of two programs compare where these are equal.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> counted_parts(InstructionCounter counter);

}  // namespace vkmembench
