#include "bench/run/strategy_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "allocator/base/error.h"
#include "scenarios/json/file_kind.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/json/parameter_reader.h"
#include "scenarios/names/name.h"

namespace vkmembench {
namespace {

// A strategy file's `name`, else its file's name. Another built-in strategy's would pass for that one in every report.
std::string name_of(const JsonValue& root, const std::string& file, std::string_view preset) {
  const auto value = root.find("name");
  std::string name = value ? read_name(*value) : std::filesystem::path(file).stem().string();
  if (!is_usable_name(name)) root.fail("the file's own name is none for a strategy; add a 'name'");
  const bool taken =
      name != preset && std::ranges::find(strategy_presets(), name, &StrategyPreset::name) != strategy_presets().end();
  if (taken)
    value.value_or(root).fail(fmt::format("'{}' is another built-in strategy; give it a 'name' of its own", name));
  return name;
}

bool is_file(std::string_view item) { return item.ends_with(".json"); }

}  // namespace

std::vector<std::string> split_strategies(std::string_view list) {
  std::vector<std::string> items(1);
  int depth = 0;
  for (char c : list) {
    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    if (c == ',' && depth == 0)
      items.emplace_back();
    else
      items.back().push_back(c);
  }
  return items;
}

std::vector<std::filesystem::path> strategy_files(std::string_view list) {
  std::vector<std::filesystem::path> files;
  for (const std::string& item : split_strategies(list)) {
    if (is_file(item)) files.emplace_back(item);
  }
  return files;
}

StrategySpec load_strategy_file(const std::filesystem::path& path) {
  const std::string file = path.string();
  const std::string text = read_text_file(file);
  refuse_other_kind(text, file, "vkmembench.strategy");
  const JsonDocument document = JsonDocument::parse(text, file);
  const JsonValue root = document.root();
  static constexpr std::array<std::string_view, 4> kKeys = {"$schema", "preset", "name", "parameters"};
  root.only_keys(kKeys);
  const JsonValue preset_value = root.at("preset");
  const std::string preset = preset_value.text();
  const StrategySpec base = at_place(preset_value, [&] { return strategy_with(preset, preset, {}); });
  Parameters overrides;
  if (const auto parameters = root.find("parameters")) {
    std::vector<std::string_view> names;
    for (const Parameter& parameter : base.family->parameters) names.push_back(parameter.name);
    parameters->only_keys(names);
    for (const Parameter& parameter : base.family->parameters) {
      if (const auto value = parameters->find(parameter.name))
        overrides.emplace_back(parameter.name, read_parameter(parameter, *value));
    }
  }
  const std::string name = name_of(root, file, preset);
  return at_place(root.find("parameters").value_or(root), [&] { return strategy_with(preset, name, overrides); });
}

std::vector<StrategySpec> parse_strategies(std::string_view list) {
  std::vector<StrategySpec> specs;
  if (list == "all") {
    for (const StrategyPreset& preset : strategy_presets())
      specs.push_back(strategy_with(preset.name, std::string(preset.name), {}));
    return specs;
  }
  for (const std::string& item : split_strategies(list)) {
    if (item == "all") throw Error("--strategy all stands alone: it means every strategy; leave out the others");
    if (item.empty()) throw Error("--strategy has an empty name; `vkmembench list strategies` prints them all");
    specs.push_back(is_file(item) ? load_strategy_file(item) : parse_strategy(item));
    const auto same = [&](const StrategySpec& spec) { return spec.name == specs.back().name; };
    if (std::ranges::count_if(specs, same) > 1)
      throw Error(fmt::format("strategy '{}' is named twice; --repeat N runs it N times", specs.back().name));
  }
  return specs;
}

nlohmann::ordered_json strategy_json(const StrategyPreset& preset) {
  nlohmann::ordered_json parameters = nlohmann::ordered_json::object();
  const StrategySpec spec = strategy_with(preset.name, std::string(preset.name), {});
  for (const auto& parameter : spec.all_parameters())
    std::visit([&](const auto& typed) { parameters[parameter.first] = typed; }, parameter.second);
  return {{"preset", preset.name}, {"name", preset.name}, {"parameters", std::move(parameters)}};
}

}  // namespace vkmembench
