#include <fmt/format.h>

#include "bench/cli/completion.h"

namespace vkmembench {
namespace {

constexpr std::string_view kFishBegin = R"(# fish completion of vkmembench, made by `vkmembench completion fish`
function __vkmembench_list
    vkmembench list $argv[1] --names 2>/dev/null
end
# The same behind the commas of a list.
function __vkmembench_list_more
    set -l before (commandline -ct | string replace -r '^--[^=]*=' '' | string replace -r '[^,]*$' '')
    __vkmembench_list $argv[1] | while read -l name
        echo "$before$name"
    end
end
)";

// The words of fish that offer an argument's values; empty for files.
std::string fish_values(const OptionNode& option) {
  if (!option.choices.empty()) return fmt::format("{}", fmt::join(option.choices, " "));
  const std::string_view listing = listed_values(option);
  if (listing.empty()) return "";
  return fmt::format("(__vkmembench_list{} {})", takes_comma_list(option) ? "_more" : "", listing);
}

std::string fish_rows(const CommandNode& node, const std::string& condition) {
  std::string out;
  for (const OptionNode& option : node.options) {
    const std::string values = fish_values(option);
    std::string row = fmt::format("complete -c vkmembench{}", condition);
    if (option.positional) {
      if (values.empty() || listed_values(option) == "scenarios") out += row + " -F\n";
      if (values.empty()) continue;
      out += fmt::format("{}{} -a {} -d {}\n", row, option.choices.empty() ? "" : " -f", shell_quoted(values),
                         shell_quoted(option.help));
      continue;
    }
    for (const std::string& name : option.names)
      row += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (!option.value.empty()) {
      const bool files = values.empty() && option.value == "TEXT";
      row += files ? " -r -F" : " -x";
      if (!values.empty()) row += " -a " + shell_quoted(values);
    }
    out += fmt::format("{} -d {}\n", row, shell_quoted(option.help));
  }
  return out;
}

}  // namespace

std::string fish_completion(const ProgramTree& tree) {
  std::string out(kFishBegin);
  out += "complete -c vkmembench -f\n" + fish_rows(tree.program, "");
  for (const CommandNode& command : tree.commands)
    out += fmt::format("complete -c vkmembench -n __fish_use_subcommand -a {} -d {}\n", command.name,
                       shell_quoted(command.help));
  for (const CommandNode& command : tree.commands) {
    CommandNode own = command;
    std::erase_if(own.options, [](const OptionNode& option) { return option.names.back() == "--help"; });
    out += fish_rows(own, fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name));
  }
  return out;
}

}  // namespace vkmembench
