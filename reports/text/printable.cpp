#include "reports/text/printable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace vkmembench {
namespace {

struct Letter {
  char32_t code = 0;
  std::size_t length = 0;  // in bytes; 0: no UTF-8
};

// The first letter of a text that is not empty: its shortest form alone, and no surrogates (RFC 3629).
Letter first_letter(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  const std::size_t length = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || length > text.size()) return {};
  char32_t code = byte(0) & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, length};
}

bool is_plain(char32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool ends_line = code == 0x2028 || code == 0x2029;
  const bool turns = code == 0x061c || code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
                     (code >= 0x2066 && code <= 0x2069);
  return !control && !ends_line && !turns && (code & 0xfffe) != 0xfffe && code != 0xfeff;
}

// Whether a runner's command starts here: it skips white space, of Unicode too.
bool starts_command(std::string_view before, std::string_view rest) {
  const auto is_graphic = [](char c) { return c > ' ' && c < 0x7f; };
  return rest.starts_with("##[") || (rest.starts_with("::") && std::ranges::none_of(before, is_graphic));
}

}  // namespace

std::string printable(std::string_view text) {
  std::string line;
  for (std::size_t i = 0; i < text.size();) {
    const Letter letter = first_letter(text.substr(i));
    const std::size_t length = letter.length == 0 ? 1 : letter.length;
    if (letter.code == '\n')
      line += "\\n";
    else if (letter.length == 0 || starts_command(text.substr(0, i), text.substr(i)))
      line += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text[i]));
    else if (is_plain(letter.code))
      line += text.substr(i, length);
    else if (letter.code < 0x80)
      line += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(letter.code));
    else
      line += fmt::format("\\u{{{:04x}}}", static_cast<std::uint32_t>(letter.code));
    i += length;
  }
  return line;
}

}  // namespace vkmembench
