#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/base/error.h"
#include "bench/run/exit_code.h"

namespace vkmembench {

// When to use colour and other terminal comforts.
enum class ColorMode : std::uint8_t { automatic, always, never };

// What every sub-command shares: the common flags.
struct CommandContext {
  std::vector<std::string> argv;  // as typed
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  ColorMode color = ColorMode::automatic;
  // Set by the sub-command that was typed; run by main.
  std::function<ExitCode(const CommandContext&)> action;

  // Colour on stdout: --color, else NO_COLOR, else whether stdout is a terminal.
  [[nodiscard]] bool use_color() const;
};

class Options;

// One row of the program's sub-commands.
struct Command {
  std::string_view name;
  std::string_view description;   // empty: for the program itself, which no help names
  void (*add)(Options& options);  // declares its options and its action
};
[[nodiscard]] std::span<const Command> commands();

// The whole program but main: parses, runs, and turns every failure into one line on stderr and an exit code.
[[nodiscard]] int run_program(int argc, const char* const* argv);

}  // namespace vkmembench
