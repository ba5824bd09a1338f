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

// What can be said of such a file in a line.
struct StressSummary {
  std::uint64_t events = 0;
  std::size_t findings = 0;
};
// Throws Error, naming the file, for one that is none.
[[nodiscard]] StressSummary read_stress_json(const std::string& file, const std::string& text);

}  // namespace vkmembench
