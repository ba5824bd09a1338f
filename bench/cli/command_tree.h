// What the parser knows of the program, as plain values: completions and manual pages are made of it, as --help is.
#pragma once

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace vkmembench {

struct OptionNode {
  std::vector<std::string> names;  // with their dashes, short ones first; of a positional argument its one name
  std::string help;                // one line
  std::string value;               // what is taken, such as TEXT; empty for a flag
  std::vector<std::string> choices;
  std::string preset;  // what holds without it; empty for none
  bool positional = false;
  bool required = false;
  bool repeated = false;  // may be given several times
};

struct CommandNode {
  std::string name;
  std::string help;
  std::vector<OptionNode> options;  // positional arguments first, each in the order of --help
};

struct ProgramTree {
  CommandNode program;  // its options may be typed anywhere
  std::string footer;   // of its help: what the exit codes mean
  std::vector<CommandNode> commands;
};

// Requires every option to be declared. Leaves out what --help leaves out.
[[nodiscard]] ProgramTree program_tree(const CLI::App& program);

}  // namespace vkmembench
