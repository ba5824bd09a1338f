#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "allocator/base/bytes.h"

namespace vkmembench {

using ParameterValue = std::variant<bool, std::uint64_t, double, std::string>;

// One named parameter of a strategy family: its default (which fixes the type), its bounds, and what it does.
struct ParameterInfo {
  std::string_view name;
  ParameterValue default_value;
  double min = 0;                             // numbers
  double max = 0;                             // numbers; bytes in the `_bytes` ones
  std::span<const std::string_view> choices;  // texts
  std::string_view description;
};

// Name and value of every parameter that differs from its default, in the family's order.
using Parameters = std::vector<std::pair<std::string, ParameterValue>>;

// Parses the text of an override ("2", "0.5", "smart", "true", "64MiB" for `_bytes` ones) into the type of `info`.
// Throws Error naming the parameter, its bounds or choices.
[[nodiscard]] ParameterValue parse_parameter(const ParameterInfo& info, std::string_view text);
// Throws Error when the value is of another type or out of bounds.
void check_parameter(const ParameterInfo& info, const ParameterValue& value);
[[nodiscard]] std::string to_text(const ParameterValue& value);

}  // namespace vkmembench
