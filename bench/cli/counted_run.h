#pragma once

#include <string>
#include <vector>

#include "bench/cli/command.h"

namespace vkmembench {

// Runs the program again by callgrind, with the same words and the terminal, for as long as that takes: its exit code.
// Throws Error where callgrind cannot be had.
[[nodiscard]] ExitCode run_by_callgrind(const CommandContext& context);
// The words as they were typed, also in the program that was run so.
[[nodiscard]] std::vector<std::string> words_as_typed(const CommandContext& context);

}  // namespace vkmembench
