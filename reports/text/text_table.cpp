#include "reports/text/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "reports/text/printable.h"

namespace vkmembench {
namespace {

// Code points, which is near enough to what a terminal shows.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string plain_line(const TextTable& table, const std::vector<std::string>& cells,
                       const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string padding(widths[i] - width_of(cells[i]), ' ');
    line +=
        fmt::format("  {}{}", i < table.text_columns ? cells[i] : padding, i < table.text_columns ? padding : cells[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

}  // namespace

std::string plain_table(const TextTable& any_table) {
  TextTable table = any_table;
  for (auto& row : table.rows) {
    for (std::string& cell : row) cell = printable(cell);
  }
  std::vector<std::size_t> widths;
  for (const std::string& heading : table.headings) widths.push_back(width_of(heading));
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text = plain_line(table, table.headings, widths);
  for (const auto& row : table.rows) text += plain_line(table, row, widths);
  return text;
}

std::string markdown_text(const std::string& text) {
  constexpr std::string_view kMarkup = "\\`*_{}[]<>()#+-!|~&@";
  std::string out;
  for (const char c : printable(text)) {
    if (kMarkup.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string markdown_table(const TextTable& table) {
  const auto line = [](const std::vector<std::string>& cells, auto convert) {
    std::string text = "|";
    for (const std::string& cell : cells) text += fmt::format(" {} |", convert(cell));
    return text + '\n';
  };
  std::string text = line(table.headings, markdown_text);
  std::vector<std::string> rules(table.headings.size(), "---:");
  std::fill_n(rules.begin(), std::min(table.text_columns, rules.size()), "---");
  text += line(rules, [](const std::string& rule) { return rule; });
  for (const auto& row : table.rows) text += line(row, markdown_text);
  return text;
}

}  // namespace vkmembench
