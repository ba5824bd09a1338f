#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vkmembench {

// A scenario that is found by its name alone.
struct NamedScenario {
  std::string name;  // what a SCENARIO argument calls it; its path where one that ships has its file's name
  std::filesystem::path file;
  bool ships = false;  // with the program, which finds it by this name wherever it runs
};

// The scenarios that ship with the program, in the source tree it was built in or in the installation, by name, and
// those that were recorded from programs, by name; then those of ./scenarios, by name. Nothing is said of whether they
// are valid.
[[nodiscard]] std::vector<NamedScenario> named_scenarios();

// The file that a SCENARIO argument names: the file itself, or else the scenario of that name. Throws Error for a plain
// word that is neither; whether a path leads to a file is seen when it is opened.
[[nodiscard]] std::filesystem::path find_scenario(const std::string& argument);

}  // namespace vkmembench
