#pragma once

#include <string>
#include <string_view>

namespace vkmembench {

// What a text holds, for tables that recognise files by how they begin.

[[nodiscard]] inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
template <typename... Parts>
[[nodiscard]] bool has_all(std::string_view text, Parts... parts) {
  return (has(text, parts) && ...);
}
// Whether the first thing in it is a JSON object.
[[nodiscard]] inline bool is_json(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin != std::string_view::npos && text[begin] == '{';
}
[[nodiscard]] inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}
[[nodiscard]] inline std::string_view first_line(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

}  // namespace vkmembench
