#pragma once

#include <string>
#include <vector>

#include "bench/stress/stress.h"

namespace vkmembench {

// What of a plan the outputs name, and the command that repeats each finding.
struct StressHeading {
  const StressPlan& plan;
  std::vector<std::string> argv;
  std::vector<std::string> commands;  // by finding
};

// A result of `stress` for a terminal.
[[nodiscard]] std::string stress_text(const StressHeading& heading, const StressResult& result);
// A vkmembench.stress/1 file.
[[nodiscard]] std::string stress_json(const StressHeading& heading, const StressResult& result);

}  // namespace vkmembench
