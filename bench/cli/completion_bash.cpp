#include <fmt/format.h>

#include <algorithm>

#include "bench/cli/completion.h"

namespace vkmembench {
namespace {

// How the script finds what is typed, and offers words. bash breaks words at `=` and `:`, and we do not; what is before
// the break must not be offered again.
constexpr std::string_view kBashBegin = R"(_vkmembench_offer() {
  local word broken=
  case $cur in *[=:]*) broken=${cur%"${cur##*[=:]}"} ;; esac
  while IFS= read -r word; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("${word#"$broken"}")
  done
}
_vkmembench_list() { "$program" list "$1" --names 2>/dev/null; }
_vkmembench_files() {
  local file
  compopt -o filenames 2>/dev/null
  while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "${cur##*=}")
}
# Values of an option: words, and of a list what follows its last comma.
_vkmembench_values() {
  local before=$assigned
  [[ $1 == , && $value == *,* ]] && before+=${value%,*},
  while IFS= read -r word; do printf '%s%s\n' "$before" "$word"; done
}
)";

constexpr std::string_view kBashMain = R"(_vkmembench() {
  local line=${COMP_LINE:0:COMP_POINT} words cur previous program word command= option assigned= value
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  cur=${words[-1]} previous=${words[-2]} program=${words[0]} COMPREPLY=()
  for word in "${words[@]:1:${#words[@]}-2}"; do
    case $word in
      COMMANDS) command=$word; break ;;
    esac
  done
  option=$previous value=$cur
  [[ $cur == --*=* ]] && option=${cur%%=*} assigned=${cur%%=*}= value=${cur#*=}
  case "$command $option" in
CASES  esac
  if [[ $cur == -* || -z $command ]]; then
    case $command in
OPTIONS    esac
    return
  fi
  case $command in
ARGUMENTS  esac
}
complete -F _vkmembench vkmembench
)";

std::string bash_replaced(std::string text, std::string_view mark, const std::string& by) {
  return text.replace(text.find(mark), mark.size(), by);
}

std::string bash_words(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += " " + shell_quoted(word);
  return out;
}

// The command that offers an option's values.
std::string bash_values(const OptionNode& option) {
  const std::string_view listing = listed_values(option);
  std::string source;
  if (!option.choices.empty())
    source = fmt::format("printf '%s\\n'{}", bash_words(option.choices));
  else if (!listing.empty())
    source = fmt::format("_vkmembench_list {}", listing);
  else
    return option.value == "TEXT" ? "_vkmembench_files" : ":";
  return fmt::format("_vkmembench_offer < <({} | _vkmembench_values {})", source,
                     takes_comma_list(option) ? "," : "''");
}

std::string bash_cases(const std::string& command, const CommandNode& node) {
  std::string out;
  for (const OptionNode& option : node.options) {
    if (option.positional || option.value.empty()) continue;
    std::string pattern;
    for (const std::string& name : option.names) {
      if (!pattern.empty()) pattern += "|";
      pattern += command == "*" ? fmt::format("*\" {}\"", name) : fmt::format("\"{} {}\"", command, name);
    }
    out += fmt::format("    {}) {}; return ;;\n", pattern, bash_values(option));
  }
  return out;
}

std::vector<std::string> bash_options(const CommandNode& node, const CommandNode& shared) {
  std::vector<std::string> names;
  for (const CommandNode* one : {&node, &shared}) {
    for (const OptionNode& option : one->options) {
      if (option.positional) continue;
      for (const std::string& name : option.names) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
      }
    }
  }
  return names;
}

}  // namespace

std::string bash_completion(const ProgramTree& tree) {
  std::string commands, cases = bash_cases("*", tree.program), options, arguments;
  std::vector<std::string> first;
  for (const CommandNode& command : tree.commands) {
    first.push_back(command.name);
    commands += (commands.empty() ? "" : "|") + command.name;
    cases += bash_cases(command.name, command);
    options += fmt::format("      {}) _vkmembench_offer < <(printf '%s\\n'{}) ;;\n", command.name,
                           bash_words(bash_options(command, tree.program)));
    std::string offers;
    for (const OptionNode& option : command.options) {
      if (!option.positional) continue;
      const std::string_view listing = listed_values(option);
      if (!option.choices.empty())
        offers += fmt::format("_vkmembench_offer < <(printf '%s\\n'{}); ", bash_words(option.choices));
      else if (!listing.empty())
        offers += fmt::format("_vkmembench_offer < <(_vkmembench_list {}); _vkmembench_files; ", listing);
      else
        offers += "_vkmembench_files; ";
    }
    if (!offers.empty()) arguments += fmt::format("    {}) {};;\n", command.name, offers);
  }
  const std::vector<std::string> shared = bash_options(tree.program, tree.program);
  first.insert(first.end(), shared.begin(), shared.end());
  options += fmt::format("      '') _vkmembench_offer < <(printf '%s\\n'{}) ;;\n", bash_words(first));
  std::string main(kBashMain);
  main = bash_replaced(std::move(main), "COMMANDS", commands);
  main = bash_replaced(std::move(main), "CASES", cases);
  main = bash_replaced(std::move(main), "OPTIONS", options);
  main = bash_replaced(std::move(main), "ARGUMENTS", arguments);
  return "# bash completion of vkmembench, made by `vkmembench completion bash`\n" + std::string(kBashBegin) + main;
}

}  // namespace vkmembench
