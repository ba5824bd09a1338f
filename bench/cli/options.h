#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/cli/command.h"
#include "bench/run/exit_code.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace vkmembench {

struct ProgramTree;

// The options of one sub-command, each bound to a variable that outlives the parse. A name without dashes is a
// positional argument and is required; a variable's value at the call is the default. The parser's own header stays out
// of the commands: its templates cost more to compile than all of them.
class Options {
 public:
  Options(CLI::App& app, CommandContext& context) : app_(app), context_(context) {}

  void flag(const std::string& name, const std::string& help, bool& value);
  void text(const std::string& name, const std::string& help, std::string& value);
  // A positional argument that may be left out.
  void optional_text(const std::string& name, const std::string& help, std::string& value);
  void required_text(const std::string& name, const std::string& help, std::string& value);
  // The name of a file to write; an empty one is refused.
  void output(const std::string& name, const std::string& help, std::string& value);
  void required_output(const std::string& name, const std::string& help, std::string& value);
  void choice(const std::string& name, const std::string& help, std::string& value, std::vector<std::string> choices);
  // As an option, one value each time it is typed; as a positional argument, one or more.
  void list(const std::string& name, const std::string& help, std::vector<std::string>& values);
  // A positional argument of any number of values, none too.
  void optional_list(const std::string& name, const std::string& help, std::vector<std::string>& values);
  void natural(const std::string& name, const std::string& help, std::optional<std::uint64_t>& value);
  void number(const std::string& name, const std::string& help, std::uint32_t& value, std::uint32_t least,
              std::uint32_t most);
  // A number of seconds above 0, few enough for a clock.
  void seconds(const std::string& name, const std::string& help, double& value);
  // The same, or 0.
  void seconds_or_none(const std::string& name, const std::string& help, std::optional<double>& value);

  // What runs when this sub-command was typed.
  void action(std::function<ExitCode(const CommandContext&)> run);

  // Tells every sub-command and option of the program. Requires a call from the action, when all are declared.
  [[nodiscard]] std::function<ProgramTree()> program() const;

 private:
  CLI::App& app_;
  CommandContext& context_;
};

}  // namespace vkmembench
