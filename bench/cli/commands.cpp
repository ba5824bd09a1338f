#include "bench/cli/commands.h"

#include <array>

namespace vkmembench {

std::span<const Command> commands() {
  static constexpr std::array kCommands = std::to_array<Command>({
#define VKMEMBENCH_ROW(name, function, help) {name, help, function},
      VKMEMBENCH_COMMANDS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  });
  return kCommands;
}

}  // namespace vkmembench
