#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "allocator/base/parameter.h"
#include "scenarios/trace/trace_builder.h"

namespace vkmembench {

// The parameters of one expansion, by name; every one has a value.
class GeneratorValues {
 public:
  GeneratorValues(std::span<const Parameter> parameters, std::span<const ParameterValue> values)
      : parameters_(parameters), values_(values) {}
  // Requires a parameter of that kind in the generator's row (or a common one: `scale`, `max_live_bytes`).
  [[nodiscard]] double real(std::string_view name) const;
  [[nodiscard]] std::uint64_t integer(std::string_view name) const;
  [[nodiscard]] Bytes bytes(std::string_view name) const { return integer(name); }
  [[nodiscard]] std::string_view choice(std::string_view name) const;

 private:
  [[nodiscard]] const ParameterValue& value(std::string_view name) const;

  std::span<const Parameter> parameters_;
  std::span<const ParameterValue> values_;
};

// One row of `list generators`. `generate` appends a whole workload to the builder; equal values and seed give equal
// events on every platform. It keeps live bytes under `max_live_bytes` (0: no bound) and multiplies counts and bytes by
// `scale` as its description says.
struct Generator {
  std::string_view name;
  std::string_view description;
  std::span<const Parameter> parameters;
  void (*generate)(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out);
};
[[nodiscard]] std::span<const Generator> generators();
[[nodiscard]] const Generator* find_generator(std::string_view name);  // nullptr when unknown
// `scale` and `max_live_bytes`, which every generator takes.
[[nodiscard]] std::span<const Parameter> common_generator_parameters();

}  // namespace vkmembench
