#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "scenarios/trace/trace_builder.h"

namespace vkmembench {

enum class GeneratorParameterType : std::uint8_t { integer, real, bytes, choice };

struct GeneratorParameter {
  std::string_view name;
  GeneratorParameterType type = GeneratorParameterType::integer;
  double default_value = 0;  // for `choice` the index
  double min = 0;
  double max = 0;
  std::span<const std::string_view> choices;
  std::string_view description;
};

// The parameters of one expansion, by name; every one has a value.
class GeneratorValues {
 public:
  GeneratorValues(std::span<const GeneratorParameter> infos, std::span<const double> values)
      : infos_(infos), values_(values) {}
  // Requires a parameter of the generator's row (or a common one: `scale`, `max_live_bytes`).
  [[nodiscard]] double real(std::string_view name) const;
  [[nodiscard]] std::uint64_t integer(std::string_view name) const;
  [[nodiscard]] Bytes bytes(std::string_view name) const { return integer(name); }
  [[nodiscard]] std::string_view choice(std::string_view name) const;

 private:
  std::span<const GeneratorParameter> infos_;
  std::span<const double> values_;
};

// One row of `list generators`. `generate` appends a whole workload to the builder; equal values and seed give equal
// events on every platform. It keeps live bytes under `max_live_bytes` (0: no bound) and multiplies counts and bytes by
// `scale` as its description says.
struct Generator {
  std::string_view name;
  std::string_view description;
  std::span<const GeneratorParameter> parameters;
  void (*generate)(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out);
};
[[nodiscard]] std::span<const Generator> generators();
[[nodiscard]] const Generator* find_generator(std::string_view name);  // nullptr when unknown
// `scale` and `max_live_bytes`, which every generator takes.
[[nodiscard]] std::span<const GeneratorParameter> common_generator_parameters();

}  // namespace vkmembench
