#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vkmembench {

// The scenarios that ship with the program: those of ./scenarios, of the source tree the program was built in, or of
// the installation, whichever is there first. Sorted by name; empty when there are none.
[[nodiscard]] std::vector<std::filesystem::path> shipped_scenarios();

// The file that a SCENARIO argument names: the file itself, or else the shipped scenario of that name. Throws Error for
// a plain word that is neither; whether a path leads to a file is seen when it is opened.
[[nodiscard]] std::filesystem::path find_scenario(const std::string& argument);

}  // namespace vkmembench
