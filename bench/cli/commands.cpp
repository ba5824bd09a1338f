#include "bench/cli/commands.h"

#include <array>

namespace vkmembench {

std::span<const Command> commands() {
  static constexpr std::array kCommands = std::to_array<Command>({
      {"run", "replay scenarios through strategies and write reports", add_run},
      {"report", "show reports as tables, or as one HTML page", add_report},
      {"compare", "put reports side by side: strategies, commits, devices", add_compare},
      {"gate", "judge reports against a baseline by a policy", add_gate},
      {"ab", "time two builds or strategies in pairs, and judge", add_ab},
      {"baseline", "accept a report as the measure of later ones", add_baseline},
      {"stress", "try to break strategies, and shrink what does", add_stress},
      {"list", "print devices, strategies, scenarios, generators or metrics", add_list},
      {"new", "begin a scenario of your own", add_new},
      {"validate", "check scenario, trace, profile and strategy files", add_validate},
      {"schema", "print the JSON Schema of a file format", add_schema},
      {"expand", "write a scenario's events as a trace that replays the same", add_expand},
      {"doctor", "say what this machine has, lacks, and how to mend it", add_doctor},
      {"stress-worker", "", add_stress_worker},
  });
  return kCommands;
}

}  // namespace vkmembench
