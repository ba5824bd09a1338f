#include "bench/cli/command_tree.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace vkmembench {
namespace {

std::string in_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

// The type's name says more than the type: choices, "TEXT:{a,b}", or a unit, "FLOAT:SECONDS".
void set_value_and_choices(OptionNode& node, const std::string& type) {
  const std::size_t open = type.find('{');
  if (open != std::string::npos) {
    std::string choices = type.substr(open + 1, type.rfind('}') - open - 1);
    for (std::size_t end = 0; end != std::string::npos; choices.erase(0, end == std::string::npos ? end : end + 1)) {
      end = choices.find(',');
      node.choices.push_back(choices.substr(0, end));
    }
  }
  const std::size_t colon = type.find(':');
  node.value = open == std::string::npos && colon != std::string::npos ? type.substr(colon + 1) : type.substr(0, colon);
}

OptionNode node_of(const CLI::Option& option) {
  OptionNode node;
  node.positional = option.get_positional();
  if (node.positional) {
    node.names.push_back(option.get_name());
  } else {
    for (const std::string& name : option.get_snames()) node.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) node.names.push_back("--" + name);
  }
  node.help = in_one_line(option.get_description());
  node.required = option.get_required();
  node.repeated = option.get_items_expected_max() > 1;
  if (option.get_items_expected_max() > 0) {
    set_value_and_choices(node, option.get_type_name());
    node.preset = option.get_default_str();
  }
  return node;
}

CommandNode node_of(const CLI::App& command) {
  CommandNode node{.name = command.get_name(), .help = command.get_description(), .options = {}};
  for (const bool positional : {true, false}) {
    for (const CLI::Option* option : command.get_options()) {
      if (option->get_positional() == positional && !option->get_group().empty())
        node.options.push_back(node_of(*option));
    }
  }
  return node;
}

}  // namespace

ProgramTree program_tree(const CLI::App& program) {
  ProgramTree tree{.program = node_of(program), .footer = program.get_footer(), .commands = {}};
  for (const CLI::App* command : program.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); }))
    tree.commands.push_back(node_of(*command));
  return tree;
}

}  // namespace vkmembench
