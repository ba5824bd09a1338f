#pragma once

#include <string>

#include "bench/cli/command_tree.h"

namespace vkmembench {

// Pages of section 1, in the macros of man(7). `version` stands in their footers.
[[nodiscard]] std::string program_page(const ProgramTree& tree, const std::string& version);
// vkmembench-NAME(1). Requires a command of the tree.
[[nodiscard]] std::string command_page(const ProgramTree& tree, const CommandNode& command, const std::string& version);

}  // namespace vkmembench
