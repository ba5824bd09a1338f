#include "scenarios/generator_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "allocator/base/bytes.h"
#include "allocator/base/error.h"
#include "allocator/base/suggest.h"

namespace vkmembench {
namespace {

std::uint64_t as_integer(double bound) { return static_cast<std::uint64_t>(bound); }

double read_value(const GeneratorParameter& info, const JsonValue& value) {
  switch (info.type) {
    case GeneratorParameterType::real:
      return value.number(info.min, info.max);
    case GeneratorParameterType::integer:
    case GeneratorParameterType::bytes:
      return static_cast<double>(value.integer(as_integer(info.min), as_integer(info.max)));
    case GeneratorParameterType::choice:
      break;
  }
  const std::string text = value.text();
  const auto row = std::ranges::find(info.choices, text);
  if (row == info.choices.end()) {
    value.fail(
        fmt::format("'{}' is not one of {}{}", text, fmt::join(info.choices, ", "), did_you_mean(text, info.choices)));
  }
  return static_cast<double>(row - info.choices.begin());
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "64MiB", "64" and what is between.
std::optional<Bytes> parse_bytes(std::string_view text) {
  struct Unit {
    std::string_view name;
    Bytes bytes;
  };
  constexpr Unit kUnits[] = {{"KiB", kKiB}, {"MiB", kMiB}, {"GiB", kGiB}};
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.name)) continue;
    text.remove_suffix(unit.name.size());
    const std::optional<Bytes> count = parse_number<Bytes>(text);
    return count ? checked_multiply(*count, unit.bytes) : std::nullopt;
  }
  return parse_number<Bytes>(text);
}

template <typename Number>
nlohmann::ordered_json bounded(const GeneratorParameter& info, std::string_view text, std::optional<Number> number,
                               Number min, Number max, std::string_view kind) {
  if (number && *number >= min && *number <= max) return *number;
  throw Error(fmt::format("--set {}={}: is not {} from {} to {}", info.name, text, kind, min, max));
}

}  // namespace

std::vector<GeneratorParameter> parameters_of(const Generator& generator) {
  std::vector<GeneratorParameter> infos(generator.parameters.begin(), generator.parameters.end());
  infos.insert(infos.end(), common_generator_parameters().begin(), common_generator_parameters().end());
  return infos;
}

GeneratorArguments::GeneratorArguments(const JsonValue& workload) {
  const JsonValue name = workload.at("generator");
  generator_ = find_generator(name.text());
  if (generator_ == nullptr) {
    std::vector<std::string_view> names;
    for (const Generator& row : generators()) names.push_back(row.name);
    name.fail(fmt::format("unknown generator '{}'{}; see 'vkmembench list generators'", name.text(),
                          did_you_mean(name.text(), names)));
  }
  infos_ = parameters_of(*generator_);
  std::vector<std::string_view> keys = {"generator"};
  for (const GeneratorParameter& info : infos_) keys.push_back(info.name);
  workload.only_keys(keys);
  for (const GeneratorParameter& info : infos_) {
    const std::optional<JsonValue> value = workload.find(info.name);
    values_.push_back(value ? read_value(info, *value) : info.default_value);
  }
}

nlohmann::ordered_json parse_override(const GeneratorParameter& info, std::string_view text) {
  switch (info.type) {
    case GeneratorParameterType::real:
      return bounded(info, text, parse_number<double>(text), info.min, info.max, "a number");
    case GeneratorParameterType::integer:
      return bounded(info, text, parse_number<std::uint64_t>(text), as_integer(info.min), as_integer(info.max),
                     "an integer");
    case GeneratorParameterType::bytes:
      return bounded(info, text, parse_bytes(text), as_integer(info.min), as_integer(info.max),
                     "a number of bytes (KiB, MiB and GiB may follow)");
    case GeneratorParameterType::choice:
      break;
  }
  if (std::ranges::find(info.choices, text) != info.choices.end()) return std::string(text);
  throw Error(fmt::format("--set {}={}: is not one of {}{}", info.name, text, fmt::join(info.choices, ", "),
                          did_you_mean(text, info.choices)));
}

}  // namespace vkmembench
