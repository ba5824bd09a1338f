#include "scenarios/names/name.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace vkmembench {

bool is_usable_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && std::ranges::none_of(name, [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return c == '/' || c == '\\' || code < 0x20 || code == 0x7f;
  });
}

std::string read_name(const JsonValue& value) {
  std::string name = value.text();
  if (!is_usable_name(name))
    value.fail(fmt::format("{} is no name for a file; use letters, digits, '_' and '-'", value.json().dump()));
  return name;
}

}  // namespace vkmembench
