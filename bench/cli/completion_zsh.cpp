#include <fmt/format.h>

#include "bench/cli/completion.h"

namespace vkmembench {
namespace {

constexpr std::string_view kZshBegin = R"(#compdef vkmembench
# zsh completion of vkmembench, made by `vkmembench completion zsh`
_vkmembench_list() {
  local -a names
  names=("${(@f)$(_call_program names vkmembench list $1 --names 2>/dev/null)}")
  if [[ $2 == , ]]; then
    compset -P '*,'
    compadd -S '' -a names
  else
    compadd -a names
  fi
}
_vkmembench_scenarios() { _alternative 'names:scenario:_vkmembench_list scenarios' 'files:file:_files'; }
)";

// In a specification of _arguments, within quotes: brackets and colons end what is said.
std::string zsh_escaped(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '[' || letter == ']' || letter == ':' || letter == '\\') out += '\\';
    out += letter;
  }
  return out;
}

std::string zsh_values(const OptionNode& option) {
  if (!option.choices.empty()) return fmt::format("({})", fmt::join(option.choices, " "));
  const std::string_view listing = listed_values(option);
  if (listing == "scenarios") return "_vkmembench_scenarios";
  if (!listing.empty()) return fmt::format("_vkmembench_list {} {}", listing, takes_comma_list(option) ? "," : "");
  return option.value == "TEXT" ? "_files" : " ";
}

std::string zsh_argument(const OptionNode& option) {
  const bool rest = option.repeated || !option.required;
  return shell_quoted(fmt::format("{}:{}:{}", rest ? "*" : "", zsh_escaped(option.names.front()), zsh_values(option)));
}

std::string zsh_specifications(const CommandNode& node, std::string_view indent) {
  std::string out;
  for (const OptionNode& option : node.options) {
    if (option.positional) {
      out += fmt::format(" \\\n{}{}", indent, zsh_argument(option));
      continue;
    }
    for (const std::string& name : option.names) {
      const bool is_long = name.starts_with("--");
      std::string text = option.repeated ? "*" : fmt::format("({})", fmt::join(option.names, " "));
      text += fmt::format("{}{}[{}]", name, option.value.empty() ? "" : is_long ? "=" : "+", zsh_escaped(option.help));
      if (!option.value.empty()) text += fmt::format(":{}:{}", zsh_escaped(option.value), zsh_values(option));
      out += fmt::format(" \\\n{}{}", indent, shell_quoted(text));
    }
  }
  return out;
}

}  // namespace

std::string zsh_completion(const ProgramTree& tree) {
  std::string commands, cases;
  CommandNode shared = tree.program;
  std::erase_if(shared.options, [](const OptionNode& option) { return option.names.back() == "--help"; });
  for (const CommandNode& command : tree.commands) {
    commands += fmt::format("    {}\n", shell_quoted(command.name + ":" + zsh_escaped(command.help)));
    cases += fmt::format("    {}) _arguments -s{}{} ;;\n", command.name, zsh_specifications(command, "      "),
                         zsh_specifications(shared, "      "));
  }
  return std::string(kZshBegin) +
         fmt::format(
             "_vkmembench() {{\n  local curcontext=$curcontext state line\n  local -a commands\n  commands=(\n{}  )\n"
             "  _arguments -C -s{} \\\n    '1:sub-command:->command' '*::argument:->arguments'\n"
             "  case $state in\n    command) _describe sub-command commands; return ;;\n    arguments) ;;\n"
             "    *) return ;;\n  esac\n  case $words[1] in\n{}  esac\n}}\n"
             "if [[ $funcstack[1] == _vkmembench ]]; then _vkmembench \"$@\"; else compdef _vkmembench vkmembench; "
             "fi\n",
             commands, zsh_specifications(tree.program, "    "), cases);
}

}  // namespace vkmembench
