#include "bench/cli/commands.h"

#include <array>

namespace vkmembench {

std::span<const Command> commands() {
  static constexpr std::array kCommands = std::to_array<Command>({
      {"run", "replay scenarios through allocator strategies and write a report each", add_run},
      {"list", "print devices, strategies, scenarios, generators or metrics", add_list},
      {"validate", "check scenario, trace, profile, strategy and report files", add_validate},
      {"expand", "write a scenario's events as a trace that replays the same", add_expand},
      {"doctor", "say what this machine has, what is missing, and the command that mends it", add_doctor},
  });
  return kCommands;
}

}  // namespace vkmembench
