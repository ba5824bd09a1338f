#include "bench/stress/problem.h"

#include <algorithm>
#include <cctype>

namespace vkmembench {
namespace {

// Numbers differ between replays of one fault.
std::string without_digits(std::string text) {
  std::erase_if(text, [](unsigned char c) { return std::isdigit(c) != 0; });
  return text;
}

}  // namespace

bool Problem::is_same(const Problem& other) const {
  if (kind != other.kind) return false;
  return (kind != "abort" && kind != "exception") || without_digits(text) == without_digits(other.text);
}

std::vector<Problem> violations_of(const Recording& recording) {
  std::vector<Problem> problems;
  for (const auto& [kind, count] : recording.violation_counts) {
    const std::string prefix = kind + ": ";
    const auto text =
        std::ranges::find_if(recording.violations, [&](const std::string& line) { return line.starts_with(prefix); });
    problems.push_back({kind, text == recording.violations.end() ? "" : text->substr(prefix.size())});
  }
  return problems;
}

}  // namespace vkmembench
