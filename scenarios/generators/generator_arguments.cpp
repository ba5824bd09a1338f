#include "scenarios/generators/generator_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "allocator/base/suggest.h"
#include "scenarios/json/parameter_reader.h"

namespace vkmembench {
std::vector<Parameter> parameters_of(const Generator& generator) {
  std::vector<Parameter> parameters(generator.parameters.begin(), generator.parameters.end());
  parameters.insert(parameters.end(), common_generator_parameters().begin(), common_generator_parameters().end());
  return parameters;
}

GeneratorArguments::GeneratorArguments(const Generator& generator)
    : generator_(&generator), parameters_(parameters_of(generator)) {
  for (const Parameter& parameter : parameters_) values_.push_back(default_of(parameter));
}

GeneratorArguments::GeneratorArguments(const JsonValue& workload, Problems& problems) {
  const JsonValue name = workload.at("generator");
  generator_ = find_generator(name.text());
  if (generator_ == nullptr)
    name.fail(fmt::format("unknown generator '{}'{}", name.text(), known_names(name.text(), generators())));
  parameters_ = parameters_of(*generator_);
  std::vector<std::string_view> keys = {"generator", "comment"};
  for (const Parameter& parameter : parameters_) keys.push_back(parameter.name);
  workload.only_keys(keys, problems);
  problems.of([&] { read_comment(workload); });
  for (const Parameter& parameter : parameters_) {
    values_.push_back(default_of(parameter));
    const std::optional<JsonValue> value = workload.find(parameter.name);
    if (value) problems.of([&] { values_.back() = read_parameter(parameter, *value); });
  }
}

bool GeneratorArguments::set(std::string_view key, std::string_view text) {
  const auto parameter = std::ranges::find(parameters_, key, &Parameter::name);
  if (parameter == parameters_.end()) return false;
  values_[static_cast<std::size_t>(parameter - parameters_.begin())] =
      parse_parameter(*parameter, text, fmt::format("--set {}", key));
  return true;
}

}  // namespace vkmembench
