#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/generators/generators.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/json/problems.h"

namespace vkmembench {

// A generator with a value for each of its parameters and the common ones.
class GeneratorArguments {
 public:
  // From `{"generator": NAME, ...parameters}`. Throws Error for an unknown generator; unknown parameters and values out
  // of type or bounds become problems.
  GeneratorArguments(const JsonValue& workload, Problems& problems);
  explicit GeneratorArguments(const Generator& generator);  // with every parameter at its default

  [[nodiscard]] const Generator& generator() const { return *generator_; }
  [[nodiscard]] std::span<const Parameter> parameters() const { return parameters_; }
  [[nodiscard]] GeneratorValues values() const { return {parameters_, values_}; }
  // Gives the parameter the value that the text of `--set KEY=VALUE` spells. False, without effect, when it has none of
  // that name. Throws Error that names the override when it is no value of the parameter.
  bool set(std::string_view key, std::string_view text);

 private:
  const Generator* generator_ = nullptr;
  std::vector<Parameter> parameters_;
  std::vector<ParameterValue> values_;
};

// The row's parameters, then the common ones.
[[nodiscard]] std::vector<Parameter> parameters_of(const Generator& generator);

}  // namespace vkmembench
