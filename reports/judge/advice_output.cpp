#include "reports/judge/advice_output.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/text/text_table.h"

namespace vkmembench {
namespace {

std::string heading(const Advice& advice) {
  return fmt::format(
      "Which strategy, and why{}: no other beats these in all of reserve, driver time, worst create, frames",
      advice.base.empty() ? "" : fmt::format(" (against {})", advice.base));
}

std::string names_of(const Advice::Choice& choice) {
  return choice.alike.empty() ? choice.strategy : fmt::format("{}, {}", choice.strategy, fmt::join(choice.alike, ", "));
}

// "core-speed by core-default"; "core-memory: it refused 3 requests".
std::string rejection(const Advice::Rejected& rejected) {
  return rejected.by.empty() ? fmt::format("{}: {}", rejected.strategy, rejected.why)
                             : fmt::format("{} by {}", rejected.strategy, rejected.by);
}

std::string rejections(const Advice& advice, bool beaten) {
  std::vector<std::string> parts;
  for (const Advice::Rejected& rejected : advice.rejected) {
    if (rejected.by.empty() != beaten) parts.push_back(rejection(rejected));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::vector<std::string> advice_lines(const Advice& advice) {
  std::vector<std::string> lines = {heading(advice)};
  std::size_t width = 0;
  for (const Advice::Choice& choice : advice.front) width = std::max(width, names_of(choice).size());
  for (const Advice::Choice& choice : advice.front)
    lines.push_back(fmt::format("  {:<{}}  {}", names_of(choice), width, choice.text));
  if (const std::string beaten = rejections(advice, true); !beaten.empty()) lines.push_back("  beaten: " + beaten);
  if (const std::string others = rejections(advice, false); !others.empty())
    lines.push_back("  not compared: " + others);
  for (const std::string& question : advice.questions) lines.push_back("  " + question);
  return lines;
}

std::string advice_markdown(const Advice& advice) {
  std::string out = fmt::format(
      "### Which strategy, and why\n\nNo other strategy beats these in all of reserve, driver time, "
      "worst create and frames{}:\n\n",
      advice.base.empty() ? "" : fmt::format(" (against {})", markdown_text(advice.base)));
  for (const Advice::Choice& choice : advice.front)
    out += fmt::format("- **{}**: {}\n", markdown_text(names_of(choice)), choice.text);
  if (const std::string beaten = rejections(advice, true); !beaten.empty())
    out += fmt::format("\nBeaten: {}.\n", markdown_text(beaten));
  if (const std::string others = rejections(advice, false); !others.empty())
    out += fmt::format("\nNot compared: {}.\n", markdown_text(others));
  if (!advice.questions.empty()) out += "\n";
  for (const std::string& question : advice.questions) out += fmt::format("- {}\n", question);
  return out;
}

}  // namespace vkmembench
