#include "scenarios/generators/generators.h"

#include <algorithm>
#include <array>
#include <limits>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

constexpr double kMostBytes = 0x1.0p50;  // integers up to here are exact in a double

}  // namespace

const ParameterValue& GeneratorValues::value(std::string_view name) const {
  const auto row = std::ranges::find(parameters_, name, &Parameter::name);
  VKMEMBENCH_CHECK(row != parameters_.end(), "a parameter that the generator's row does not have");
  return values_[static_cast<std::size_t>(row - parameters_.begin())];
}

double GeneratorValues::real(std::string_view name) const { return std::get<double>(value(name)); }

std::uint64_t GeneratorValues::integer(std::string_view name) const { return std::get<std::uint64_t>(value(name)); }

std::string_view GeneratorValues::choice(std::string_view name) const { return std::get<std::string>(value(name)); }

const Generator* find_generator(std::string_view name) {
  const std::span<const Generator> table = generators();
  const auto row = std::ranges::find(table, name, &Generator::name);
  return row == table.end() ? nullptr : &*row;
}

std::span<const Parameter> common_generator_parameters() {
  static constexpr std::array<Parameter, 2> kCommon = {{
      {"scale", ParameterKind::real, 1, 0.01, 100, {}, "multiplies counts and bytes"},
      {"max_live_bytes", ParameterKind::bytes, 0, 0, kMostBytes, {}, "keeps the live bytes below; 0: no bound"},
  }};
  return kCommon;
}

}  // namespace vkmembench
