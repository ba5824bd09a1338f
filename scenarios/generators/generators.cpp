#include "scenarios/generators/generators.h"

#include <algorithm>
#include <array>
#include <limits>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

constexpr double kMostBytes = 0x1.0p50;  // integers up to here are exact in a double

}  // namespace

double GeneratorValues::real(std::string_view name) const {
  const auto row = std::ranges::find(infos_, name, &GeneratorParameter::name);
  VKMEMBENCH_CHECK(row != infos_.end(), "a parameter that the generator's row does not have");
  return values_[static_cast<std::size_t>(row - infos_.begin())];
}

std::uint64_t GeneratorValues::integer(std::string_view name) const { return static_cast<std::uint64_t>(real(name)); }

std::string_view GeneratorValues::choice(std::string_view name) const {
  const std::uint64_t index = integer(name);
  const auto row = std::ranges::find(infos_, name, &GeneratorParameter::name);
  VKMEMBENCH_CHECK(index < row->choices.size(), "a choice that the generator's row does not have");
  return row->choices[index];
}

const Generator* find_generator(std::string_view name) {
  const std::span<const Generator> table = generators();
  const auto row = std::ranges::find(table, name, &Generator::name);
  return row == table.end() ? nullptr : &*row;
}

std::span<const GeneratorParameter> common_generator_parameters() {
  static constexpr std::array<GeneratorParameter, 2> kCommon = {{
      {"scale", GeneratorParameterType::real, 1, 0.01, 100, {}, "multiplies counts and bytes"},
      {"max_live_bytes",
       GeneratorParameterType::bytes,
       0,
       0,
       kMostBytes,
       {},
       "keeps the live bytes below; 0: no bound"},
  }};
  return kCommon;
}

}  // namespace vkmembench
