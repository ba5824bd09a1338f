#include "allocator/strategy/strategies.h"

#include <algorithm>
#include <vector>

#include "allocator/base/error.h"
#include "allocator/base/suggest.h"
#include "allocator/strategy/families.h"

namespace vkmembench {
namespace {

const StrategyPreset& find_preset(std::string_view name) {
  const auto preset = std::ranges::find(strategy_presets(), name, &StrategyPreset::name);
  if (preset != strategy_presets().end()) return *preset;
  throw Error("no strategy '" + std::string(name) + "'" + known_names(name, strategy_presets()));
}

const Parameter& find_parameter(std::string_view preset, std::span<const Parameter> parameters, std::string_view name) {
  const auto parameter = std::ranges::find(parameters, name, &Parameter::name);
  if (parameter != parameters.end()) return *parameter;
  throw Error("strategy '" + std::string(preset) + "' has no parameter '" + std::string(name) + "'" +
              known_names(name, parameters));
}

std::string place_of(std::string_view parameter) { return "parameter '" + std::string(parameter) + "'"; }

void set(Parameters& parameters, std::string_view name, const ParameterValue& value) {
  const auto found = std::ranges::find(parameters, name, &Parameters::value_type::first);
  if (found != parameters.end())
    found->second = value;
  else
    parameters.emplace_back(name, value);
}

// Reads `rest`, "key=value,...", after the preset of that name; `text` is all that was written.
Parameters read_overrides(std::string_view preset, std::span<const Parameter> parameters, std::string_view rest,
                          std::string_view text) {
  Parameters read;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view item = rest.substr(0, comma);
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos)
      throw Error("strategy '" + std::string(text) + "': '" + std::string(item) + "' is not KEY=VALUE");
    const std::string_view name = item.substr(0, equals);
    const Parameter& parameter = find_parameter(preset, parameters, name);
    if (std::ranges::find(read, name, &Parameters::value_type::first) != read.end())
      throw Error("strategy '" + std::string(text) + "': '" + std::string(name) + "' is there twice; keep one");
    read.emplace_back(name, parse_parameter(parameter, item.substr(equals + 1), place_of(name)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return read;
}

}  // namespace

std::span<const StrategyPreset> strategy_presets() {
  static const std::vector<StrategyPreset> presets = [] {
    std::vector<StrategyPreset> all;
#define VKMEMBENCH_ROW(function) &function(),
    for (const StrategyFamily* family : {VKMEMBENCH_FAMILIES(VKMEMBENCH_ROW)}) {
#undef VKMEMBENCH_ROW
      for (const StrategyPreset& preset : family->presets) all.emplace_back(preset).family = family;
    }
    return all;
  }();
  return presets;
}

std::vector<StrategyPreset> presets_of(std::span<const PresetRow> rows, std::span<const Parameter> parameters) {
  std::vector<StrategyPreset> presets;
  for (const PresetRow& row : rows)
    presets.push_back({row.name, row.description, read_overrides(row.name, parameters, row.parameters, row.name)});
  return presets;
}

Parameters StrategySpec::all_parameters() const {
  Parameters all;
  for (const Parameter& parameter : family->parameters) all.emplace_back(parameter.name, default_of(parameter));
  for (const auto& [key, value] : parameters) set(all, key, value);
  return all;
}

StrategySpec strategy_with(std::string_view preset_name, std::string name, const Parameters& overrides) {
  const StrategyPreset& preset = find_preset(preset_name);
  StrategySpec spec{std::move(name), std::string(preset_name), preset.family, preset.parameters};
  for (const auto& [key, value] : overrides) {
    check_parameter(find_parameter(preset.name, preset.family->parameters, key), value, place_of(key));
    set(spec.parameters, key, value);
  }
  if (spec.family->check != nullptr) spec.family->check(spec.parameters);
  return spec;
}

StrategySpec parse_strategy(std::string_view text) {
  const std::size_t brace = text.find('{');
  const std::string_view preset_name = text.substr(0, brace);
  if (brace == std::string_view::npos) return strategy_with(preset_name, std::string(text), {});
  if (text.back() != '}') throw Error("strategy '" + std::string(text) + "': the '{' has no closing '}'");
  const Parameters overrides = read_overrides(preset_name, find_preset(preset_name).family->parameters,
                                              text.substr(brace + 1, text.size() - brace - 2), text);
  return strategy_with(preset_name, std::string(text), overrides);
}

}  // namespace vkmembench
