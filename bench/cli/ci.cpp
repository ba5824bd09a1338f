#include "bench/cli/ci.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "allocator/base/error.h"
#include "reports/text/printable.h"

namespace vkmembench {
namespace {

void append(const std::string& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary | std::ios::app);
  stream << text << std::flush;
  if (!stream)
    throw Error(fmt::format("{}: the summary cannot be written; check --summary or GITHUB_STEP_SUMMARY", file),
                ErrorKind::internal);
}

bool is_plain(char c) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+%@";
  return kPlain.find(c) != std::string_view::npos;
}

}  // namespace

void publish(const CiOutput& output) {
  const char* step = std::getenv("GITHUB_STEP_SUMMARY");
  const std::string step_file = step == nullptr ? "" : step;
  if (!output.summary_file.empty()) append(output.summary_file, output.markdown);
  if (!step_file.empty() && step_file != output.summary_file) append(step_file, output.markdown);
  if (std::getenv("GITHUB_ACTIONS") == nullptr) return;
  for (const std::string& line : output.annotations) fmt::print(stderr, "{}\n", line);
}

std::string shell_line(const std::vector<std::string>& argv) {
  std::string line;
  for (const std::string& word : argv) {
    if (!line.empty()) line += ' ';
    if (!word.empty() && std::ranges::all_of(word, is_plain) && printable(word) == word) {
      line += word;
      continue;
    }
    // What is not printable in a form that bash reads back.
    if (printable(word) != word) {
      line += "$'";
      for (const char c : word)
        line += is_plain(c) ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<std::uint8_t>(c));
    } else {
      line += '\'';
      for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    line += '\'';
  }
  return line;
}

}  // namespace vkmembench
