#include "bench/fleet/values.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "allocator/base/byte_text.h"

namespace vkmembench {
namespace {

constexpr std::size_t kMostValues = 10'000;
constexpr double kMostNumber = 1e18;

std::string scalar_text(const JsonValue& json) {
  if (json.is_string()) return json.text();
  if (json.is_boolean() || json.is_number()) return json.json().dump();
  json.fail(
      "is neither a number, a text nor true or false; lists and ranges {\"from\", \"to\", \"step\"} are of these");
}

// A number, or a text of bytes.
double number_of(const JsonValue& json) {
  if (!json.is_string()) return json.number(-kMostNumber, kMostNumber);
  const std::optional<Bytes> bytes = parse_bytes(json.text());
  if (!bytes) json.fail(fmt::format("'{}' is no number, and no number of bytes such as \"4 MiB\"", json.text()));
  return static_cast<double>(*bytes);
}

// Whole numbers without a point; others without what binary fractions add to them.
std::string number_text(double number) {
  constexpr double kExact = 9e15;
  if (number == std::floor(number) && std::abs(number) < kExact) return fmt::format("{:.0f}", number);
  return fmt::format("{:.12g}", number);
}

std::vector<std::string> range_values(const JsonValue& json) {
  json.only_keys({"from", "to", "step", "factor"});
  const double from = number_of(json.at("from"));
  const double to = number_of(json.at("to"));
  const auto step = json.find("step");
  const auto factor = json.find("factor");
  if (step.has_value() == factor.has_value()) json.fail("a range has either 'step' or 'factor'");
  const double by = number_of(step ? *step : *factor);
  if (step ? by <= 0 : by <= 1 || from <= 0)
    (step ? *step : *factor)
        .fail(step ? "is not above 0: the range would not end"
                   : "is not above 1, or 'from' not above 0: the range would not end");
  if (from > to) json.fail("'from' is above 'to': the range is empty");
  constexpr double kSlack = 1e-9;  // of binary fractions
  std::vector<std::string> values;
  for (std::size_t i = 0;; ++i) {
    const double value = step ? from + static_cast<double>(i) * by : from * std::pow(by, static_cast<double>(i));
    if (value > to + std::abs(to) * kSlack) return values;
    if (values.size() == kMostValues) json.fail(fmt::format("has more than {} values; take larger steps", kMostValues));
    values.push_back(number_text(value));
  }
}

}  // namespace

std::vector<std::string> read_values(const JsonValue& json) {
  if (json.is_object()) return range_values(json);
  if (!json.is_array()) return {scalar_text(json)};
  std::vector<std::string> values;
  for (const JsonValue& item : json.items()) values.push_back(scalar_text(item));
  if (values.empty()) json.fail("is empty: the plan has no cell; give a value");
  if (values.size() > kMostValues) json.fail(fmt::format("has more than {} values", kMostValues));
  return values;
}

}  // namespace vkmembench
