#include "scenarios/generators/generator_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "allocator/base/byte_text.h"
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
      return static_cast<double>(value.integer(as_integer(info.min), as_integer(info.max)));
    case GeneratorParameterType::bytes:
      return static_cast<double>(value.bytes(as_integer(info.min), as_integer(info.max)));
    case GeneratorParameterType::choice:
      break;
  }
  const std::string text = value.text();
  const auto row = std::ranges::find(info.choices, text);
  if (row == info.choices.end()) {
    value.fail(fmt::format("unknown {} '{}'{}", info.name, text, known_words(text, info.choices)));
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

template <typename Number>
double bounded(const GeneratorParameter& info, std::string_view text, std::optional<Number> number, Number min,
               Number max, std::string_view kind) {
  if (number && *number >= min && *number <= max) return static_cast<double>(*number);
  throw Error(fmt::format("--set {}={}: is not {} from {} to {}", info.name, text, kind, min, max));
}

double parse_override(const GeneratorParameter& info, std::string_view text) {
  switch (info.type) {
    case GeneratorParameterType::real:
      return bounded(info, text, parse_number<double>(text), info.min, info.max, "a number");
    case GeneratorParameterType::integer:
      return bounded(info, text, parse_number<std::uint64_t>(text), as_integer(info.min), as_integer(info.max),
                     "an integer");
    case GeneratorParameterType::bytes:
      return bounded(info, text, parse_bytes(text), as_integer(info.min), as_integer(info.max), kByteTexts);
    case GeneratorParameterType::choice:
      break;
  }
  const auto row = std::ranges::find(info.choices, text);
  if (row == info.choices.end())
    throw Error(fmt::format("--set {0}={1}: unknown {0} '{1}'{2}", info.name, text, known_words(text, info.choices)));
  return static_cast<double>(row - info.choices.begin());
}

}  // namespace

std::vector<GeneratorParameter> parameters_of(const Generator& generator) {
  std::vector<GeneratorParameter> infos(generator.parameters.begin(), generator.parameters.end());
  infos.insert(infos.end(), common_generator_parameters().begin(), common_generator_parameters().end());
  return infos;
}

GeneratorArguments::GeneratorArguments(const Generator& generator)
    : generator_(&generator), infos_(parameters_of(generator)) {
  for (const GeneratorParameter& info : infos_) values_.push_back(info.default_value);
}

GeneratorArguments::GeneratorArguments(const JsonValue& workload, Problems& problems) {
  const JsonValue name = workload.at("generator");
  generator_ = find_generator(name.text());
  if (generator_ == nullptr)
    name.fail(fmt::format("unknown generator '{}'{}", name.text(), known_names(name.text(), generators())));
  infos_ = parameters_of(*generator_);
  std::vector<std::string_view> keys = {"generator", "comment"};
  for (const GeneratorParameter& info : infos_) keys.push_back(info.name);
  workload.only_keys(keys, problems);
  problems.of([&] { read_comment(workload); });
  for (const GeneratorParameter& info : infos_) {
    values_.push_back(info.default_value);
    const std::optional<JsonValue> value = workload.find(info.name);
    if (value) problems.of([&] { values_.back() = read_value(info, *value); });
  }
}

bool GeneratorArguments::set(std::string_view key, std::string_view text) {
  const auto info = std::ranges::find(infos_, key, &GeneratorParameter::name);
  if (info == infos_.end()) return false;
  values_[static_cast<std::size_t>(info - infos_.begin())] = parse_override(*info, text);
  return true;
}

}  // namespace vkmembench
