#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace vkmembench {

enum class ParameterKind : std::uint8_t { flag, integer, real, bytes, choice };

// One named parameter of a strategy family or of a generator: what values it takes, and what it does.
struct Parameter {
  std::string_view name;
  ParameterKind kind = ParameterKind::integer;
  double default_value = 0;  // of a flag 0 or 1, of a choice its index
  double min = 0;            // of integers, reals and bytes
  double max = 0;
  std::span<const std::string_view> choices;
  std::string_view description;
};

// Of a flag, of integers and bytes, of a real, of a choice its name.
using ParameterValue = std::variant<bool, std::uint64_t, double, std::string>;

// Names with values, such as those that differ from their defaults.
using Parameters = std::vector<std::pair<std::string, ParameterValue>>;

// The value that a number means, as `default_value` has it. Requires one of the parameter's kind.
[[nodiscard]] ParameterValue parameter_value(const Parameter& parameter, double number);
[[nodiscard]] inline ParameterValue default_of(const Parameter& parameter) {
  return parameter_value(parameter, parameter.default_value);
}

// What the text spells: "true", "2", "0.5", "64 MiB", "smart". Throws Error, "WHERE: 'TEXT' is not ...", that says
// what the parameter takes.
[[nodiscard]] ParameterValue parse_parameter(const Parameter& parameter, std::string_view text, std::string_view where);
// Throws Error, worded likewise, when the value is of another kind, out of bounds or no choice.
void check_parameter(const Parameter& parameter, const ParameterValue& value, std::string_view where);
[[nodiscard]] std::string to_text(const ParameterValue& value);

}  // namespace vkmembench
