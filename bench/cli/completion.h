// What makes shells complete the program's words: sub-commands, options and their values.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bench/cli/command_tree.h"

namespace vkmembench {

// One row of the shells.
struct Shell {
  std::string_view name;
  std::string_view file;  // where a shell looks for the script, below the prefix of an installation
  std::string (*script)(const ProgramTree& tree);
};
[[nodiscard]] std::span<const Shell> shells();

// What the names of an option's or argument's values are listed by, `vkmembench list WHAT --names`; empty for others.
[[nodiscard]] std::string_view listed_values(const OptionNode& option);
// Whether several values are joined by commas.
[[nodiscard]] bool takes_comma_list(const OptionNode& option);
// Within single quotes of any of the shells: a quote leaves them, is escaped, and enters them again.
[[nodiscard]] std::string shell_quoted(std::string_view text);

[[nodiscard]] std::string bash_completion(const ProgramTree& tree);
[[nodiscard]] std::string zsh_completion(const ProgramTree& tree);
[[nodiscard]] std::string fish_completion(const ProgramTree& tree);

}  // namespace vkmembench
