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
  [[nodiscard]] std::span<const GeneratorParameter> parameters() const { return infos_; }
  [[nodiscard]] GeneratorValues values() const { return {infos_, values_}; }
  // Gives the parameter the value that the text of `--set KEY=VALUE` spells: "1200", "0.5", "64 MiB" for bytes, a
  // choice's name. False, without effect, when it has none of that name. Throws Error that names the override when the
  // text is of another type or out of bounds.
  bool set(std::string_view key, std::string_view text);

 private:
  const Generator* generator_ = nullptr;
  std::vector<GeneratorParameter> infos_;
  std::vector<double> values_;
};

// The row's parameters, then the common ones.
[[nodiscard]] std::vector<GeneratorParameter> parameters_of(const Generator& generator);

}  // namespace vkmembench
