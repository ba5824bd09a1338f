#include "bench/cli/manual_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace vkmembench {
namespace {

// For the formatter: a backslash escapes, a hyphen is typed as one, and a line must not begin like a request.
std::string roff(std::string_view text) {
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) out = "\\&";
  for (const char letter : text) {
    if (letter == '\\')
      out += "\\e";
    else if (letter == '-')
      out += "\\-";
    else if (letter == '`' || letter == '\'')
      out += letter == '`' ? "\\(ga" : "\\(aq";
    else
      out += letter;
  }
  return out;
}

// One argument of a macro.
std::string roff_argument(std::string_view text) {
  std::string out;
  for (const char letter : roff(text)) letter == '"' ? out += "\\(dq" : out += letter;
  return "\"" + out + "\"";
}

std::string page_title(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
  return text;
}

std::string page_head(const std::string& name, const std::string& help, const std::string& version) {
  return fmt::format(".TH {} 1 \"\" {} {}\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n", roff_argument(page_title(name)),
                     roff_argument("vkmembench " + version), roff_argument("User Commands"), roff(name), roff(help));
}

std::string page_values(const OptionNode& option) {
  if (option.value.empty()) return "";
  if (option.choices.empty()) return fmt::format(" \\fI{}\\fR", roff(option.value));
  return fmt::format(" {}", roff(fmt::format("{}", fmt::join(option.choices, "|"))));
}

std::string page_row(const OptionNode& option) {
  std::string names;
  for (const std::string& name : option.names)
    names += fmt::format("{}\\f{}{}\\fR", names.empty() ? "" : ", ", option.positional ? "I" : "B", roff(name));
  std::string text = option.help;
  if (option.positional && !option.choices.empty()) text += fmt::format(": {}", fmt::join(option.choices, ", "));
  if (option.required && !option.positional) text += "; needed";
  if (option.repeated) text += "; may be given several times";
  if (!option.preset.empty()) text += fmt::format("; default: {}", option.preset);
  return fmt::format(".TP\n{}{}\n{}\n", names, option.positional ? "" : page_values(option), roff(text));
}

std::string page_rows(const CommandNode& node, bool positional) {
  std::string out;
  for (const OptionNode& option : node.options) {
    if (option.positional == positional) out += page_row(option);
  }
  return out;
}

// The footer of the help: "Exit codes: 0 done; 1 ...", with its line ends.
std::string page_exit_codes(const ProgramTree& tree) {
  std::string text = tree.footer;
  std::ranges::replace(text, '\n', ' ');
  const std::size_t colon = text.find(": ");
  return fmt::format(".SH EXIT STATUS\n{}\n", roff(text.substr(colon == std::string::npos ? 0 : colon + 2)));
}

}  // namespace

std::string program_page(const ProgramTree& tree, const std::string& version) {
  std::string out = page_head("vkmembench", tree.program.help, version);
  out += ".B vkmembench\n[\\fIOPTION\\fR]... \\fISUB\\-COMMAND\\fR [\\fIARGUMENT\\fR]...\n.SH SUB\\-COMMANDS\n";
  for (const CommandNode& command : tree.commands)
    out += fmt::format(".TP\n\\fB{}\\fR\n{}; see \\fBvkmembench\\-{}\\fR(1)\n", roff(command.name), roff(command.help),
                       roff(command.name));
  out += ".SH OPTIONS\n" + page_rows(tree.program, false) + page_exit_codes(tree) + ".SH SEE ALSO\n";
  for (const CommandNode& command : tree.commands)
    out += fmt::format(".BR vkmembench\\-{} (1){}\n", roff(command.name), &command == &tree.commands.back() ? "" : ",");
  return out;
}

std::string command_page(const ProgramTree& tree, const CommandNode& command, const std::string& version) {
  std::string out = page_head("vkmembench-" + command.name, command.help, version);
  out += fmt::format(".B vkmembench {}\n[\\fIOPTION\\fR]...", roff(command.name));
  for (const OptionNode& option : command.options) {
    if (!option.positional) continue;
    const std::string name = fmt::format("\\fI{}\\fR", roff(option.names.front()));
    out += option.required ? " " + name : fmt::format(" [{}]", name);
    if (option.repeated) out += "...";
  }
  const std::string arguments = page_rows(command, true);
  out += "\n";
  if (!arguments.empty()) out += ".SH ARGUMENTS\n" + arguments;
  out += ".SH OPTIONS\n" + page_rows(command, false);
  CommandNode shared = tree.program;
  std::erase_if(shared.options, [](const OptionNode& option) {
    return option.names.back() == "--help" || option.names.back() == "--version";
  });
  out += ".SS Of every sub\\-command\n" + page_rows(shared, false);
  return out + page_exit_codes(tree) + ".SH SEE ALSO\n.BR vkmembench (1)\n";
}

}  // namespace vkmembench
