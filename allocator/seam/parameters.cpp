#include "allocator/seam/parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>

#include "allocator/base/byte_text.h"
#include "allocator/base/error.h"
#include "allocator/base/suggest.h"

namespace vkmembench {
namespace {

// Whole numbers with all their digits: bounds are bytes.
std::string number_text(double value) {
  constexpr double kExactIntegers = 9007199254740992.0;  // 2^53
  if (value == std::trunc(value) && std::abs(value) <= kExactIntegers)
    return std::to_string(static_cast<std::int64_t>(value));
  return to_text(ParameterValue{value});
}

std::string bounds_text(const ParameterInfo& info) {
  return "from " + number_text(info.min) + " to " + number_text(info.max);
}

[[noreturn]] void refuse(const ParameterInfo& info, const std::string& text, const std::string& remedy) {
  throw Error("parameter '" + std::string(info.name) + "': '" + text + "' " + remedy);
}

std::uint64_t parse_count(const ParameterInfo& info, std::string_view text) {
  if (info.name.ends_with("_bytes")) {
    if (const std::optional<Bytes> bytes = parse_bytes(text)) return *bytes;
    refuse(info, std::string(text), "is not " + std::string(kByteTexts) + ", " + bounds_text(info));
  }
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end)
    refuse(info, std::string(text), "is no whole number; write one " + bounds_text(info));
  return value;
}

double parse_number(const ParameterInfo& info, std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end)
    refuse(info, std::string(text), "is no number; write one " + bounds_text(info));
  return value;
}

std::string_view type_name(const ParameterValue& value) {
  constexpr std::array<std::string_view, 4> kNames = {"true or false", "a whole number", "a number", "a text"};
  return kNames[value.index()];
}

}  // namespace

ParameterValue parse_parameter(const ParameterInfo& info, std::string_view text) {
  ParameterValue value;
  if (std::holds_alternative<bool>(info.default_value)) {
    if (text != "true" && text != "false") refuse(info, std::string(text), "is neither 'true' nor 'false'; write one");
    value = text == "true";
  } else if (std::holds_alternative<std::uint64_t>(info.default_value)) {
    value = parse_count(info, text);
  } else if (std::holds_alternative<double>(info.default_value)) {
    value = parse_number(info, text);
  } else {
    value = std::string(text);
  }
  check_parameter(info, value);
  return value;
}

void check_parameter(const ParameterInfo& info, const ParameterValue& value) {
  if (value.index() != info.default_value.index())
    refuse(info, to_text(value), "is of the wrong type; give " + std::string(type_name(info.default_value)));
  const auto check_bounds = [&](double number) {
    if (!(number >= info.min && number <= info.max))
      refuse(info, to_text(value), "is out of bounds; choose a value " + bounds_text(info));
  };
  if (const auto* count = std::get_if<std::uint64_t>(&value)) check_bounds(static_cast<double>(*count));
  if (const auto* number = std::get_if<double>(&value)) check_bounds(*number);
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr || info.choices.empty()) return;
  if (std::find(info.choices.begin(), info.choices.end(), *text) != info.choices.end()) return;
  std::string choices;
  for (const std::string_view choice : info.choices) choices += (choices.empty() ? "" : ", ") + std::string(choice);
  refuse(info, *text, "is no choice" + did_you_mean(*text, info.choices) + "; choose one of " + choices);
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
