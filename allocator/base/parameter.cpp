#include "allocator/base/parameter.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "allocator/base/byte_text.h"
#include "allocator/base/error.h"
#include "allocator/base/suggest.h"

namespace vkmembench {
namespace {

std::optional<double> parse_real(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<ParameterValue> parse(ParameterKind kind, std::string_view text) {
  switch (kind) {
    case ParameterKind::flag:
      if (text != "true" && text != "false") return std::nullopt;
      return text == "true";
    case ParameterKind::integer:
      return parse_digits(text);
    case ParameterKind::real:
      return parse_real(text);
    case ParameterKind::bytes:
      return parse_bytes(text);
    case ParameterKind::choice:
      break;
  }
  return std::string(text);
}

bool fits(const Parameter& parameter, const ParameterValue& value) {
  if (value.index() != default_of(parameter).index()) return false;
  const auto in_bounds = [&](double number) { return number >= parameter.min && number <= parameter.max; };
  if (const auto* count = std::get_if<std::uint64_t>(&value)) return in_bounds(static_cast<double>(*count));
  if (const auto* real = std::get_if<double>(&value)) return in_bounds(*real);
  const auto* choice = std::get_if<std::string>(&value);
  return choice == nullptr || std::ranges::find(parameter.choices, *choice) != parameter.choices.end();
}

// Whole numbers with all their digits: bounds are bytes.
std::string bound_text(double bound) {
  constexpr double kExactIntegers = 9007199254740992.0;  // 2^53
  if (bound == std::trunc(bound) && std::abs(bound) <= kExactIntegers)
    return std::to_string(static_cast<std::int64_t>(bound));
  return to_text(ParameterValue{bound});
}

[[noreturn]] void refuse(const Parameter& parameter, const std::string& text, std::string_view where) {
  const std::string bounds = " from " + bound_text(parameter.min) + " to " + bound_text(parameter.max);
  std::string takes;
  switch (parameter.kind) {
    case ParameterKind::flag:
      takes = "true or false";
      break;
    case ParameterKind::integer:
      takes = "an integer" + bounds;
      break;
    case ParameterKind::real:
      takes = "a number" + bounds;
      break;
    case ParameterKind::bytes:
      takes = std::string(kByteTexts) + "," + bounds;
      break;
    case ParameterKind::choice:
      takes = "one of its choices" + known_words(text, parameter.choices);
      break;
  }
  throw Error(std::string(where) + ": '" + text + "' is not " + takes);
}

}  // namespace

ParameterValue parameter_value(const Parameter& parameter, double number) {
  switch (parameter.kind) {
    case ParameterKind::flag:
      return number != 0;
    case ParameterKind::integer:
    case ParameterKind::bytes:
      return static_cast<std::uint64_t>(number);
    case ParameterKind::real:
      return number;
    case ParameterKind::choice:
      break;
  }
  return std::string(parameter.choices[static_cast<std::size_t>(number)]);
}

ParameterValue parse_parameter(const Parameter& parameter, std::string_view text, std::string_view where) {
  const std::optional<ParameterValue> value = parse(parameter.kind, text);
  if (!value || !fits(parameter, *value)) refuse(parameter, std::string(text), where);
  return *value;
}

void check_parameter(const Parameter& parameter, const ParameterValue& value, std::string_view where) {
  if (!fits(parameter, value)) refuse(parameter, to_text(value), where);
}

std::string to_text(const ParameterValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* count = std::get_if<std::uint64_t>(&value)) return std::to_string(*count);
  if (const auto* number = std::get_if<double>(&value)) {
    char text[32];  // the shortest that reads back the same
    const auto written = std::to_chars(text, text + sizeof text, *number);
    return {text, written.ptr};
  }
  return std::get<std::string>(value);
}

}  // namespace vkmembench
