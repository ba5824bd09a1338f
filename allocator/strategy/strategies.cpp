#include "allocator/strategy/strategies.h"

#include <algorithm>
#include <array>
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

const ParameterInfo& find_parameter(const StrategyPreset& preset, std::string_view name) {
  const auto& parameters = preset.family->parameters;
  const auto info = std::ranges::find(parameters, name, &ParameterInfo::name);
  if (info != parameters.end()) return *info;
  throw Error("strategy '" + std::string(preset.name) + "' has no parameter '" + std::string(name) + "'" +
              known_names(name, parameters));
}

void set(Parameters& parameters, std::string_view name, const ParameterValue& value) {
  const auto found = std::ranges::find(parameters, name, &Parameters::value_type::first);
  if (found != parameters.end())
    found->second = value;
  else
    parameters.emplace_back(name, value);
}

}  // namespace

std::span<const StrategyPreset> strategy_presets() {
  static const std::array presets = std::to_array<StrategyPreset>({
      {"null", "does nothing: the harness's own floor", &null_family(), {}},
      {"dedicated", "one VkDeviceMemory a resource: no allocator at all", &dedicated_family(), {}},
      {"vma", "VulkanMemoryAllocator 3 with its defaults", &vma_family(), {}},
      {"vma-min-time", "VMA, strategy MIN_TIME", &vma_family(), {{"placement", std::string("min-time")}}},
      {"vma-min-memory", "VMA, strategy MIN_MEMORY", &vma_family(), {{"placement", std::string("min-memory")}}},
      {"vma-blocks-64m", "VMA, blocks of 64 MiB", &vma_family(), {{"preferred_block_bytes", std::uint64_t{64 * kMiB}}}},
      {"vma-blocks-16m", "VMA, blocks of 16 MiB", &vma_family(), {{"preferred_block_bytes", std::uint64_t{16 * kMiB}}}},
      {"core-default", "the allocator core: size-class pools with growing blocks", &core_family(), {}},
      {"core-speed",
       "the core for least time: first good fit, large device-only resources dedicated",
       &core_family(),
       // Larger blocks, kept longer: a few driver calls where core-memory makes hundreds. A frame never pays for
       // evictions, and an upload not for a staging buffer of its own.
       {{"growth_ratio", 0.25},
        {"placement", std::string("first_fit")},
        {"dedicated_above_bytes", std::uint64_t{64 * kMiB}},
        {"keep_empty_ratio", 1.0},
        {"evict", std::string("never")},
        {"staging_ring_bytes", std::uint64_t{16 * kMiB}}}},
      {"core-memory",
       "the core for least waste: best fit, tight blocks, within the budget if it can",
       &core_family(),
       // What is above a MiB has a block of its own, so that its end gives it back.
       {{"min_block_bytes", std::uint64_t{512 * kKiB}},
        {"big_block_bytes", std::uint64_t{kMiB}},
        {"growth_ratio", 0.015625},
        {"placement", std::string("best_fit")},
        {"prefer_within_budget", true},
        {"keep_empty_blocks", std::uint64_t{1}},
        {"keep_empty_ratio", 0.03125},
        {"auto_defragment", true}}},
      {"core-pools",
       "the core with named pools, and buffers kept for reuse by kind and size",
       &core_family(),
       // An eighth of the table's block sizes suits programs that hold up to a GiB.
       {{"named_pools", true}, {"named_pool_scale", 0.125}, {"reuse", true}, {"reuse_prewarm", true}}},
      {"core-tiers",
       "the core, where buffers move to the memory that suits how often they are used",
       &core_family(),
       {{"tiers", true}}},
      {"core-arenas",
       "the core with an arena a lane: threads that never queue",
       &core_family(),
       // Lanes beyond eight share: what an arena keeps for itself is not worth more.
       {{"arenas", std::uint64_t{8}}}},
  });
  return presets;
}

Parameters StrategySpec::all_parameters() const {
  Parameters all;
  for (const ParameterInfo& info : family->parameters) all.emplace_back(info.name, info.default_value);
  for (const auto& [key, value] : parameters) set(all, key, value);
  return all;
}

StrategySpec strategy_with(std::string_view preset_name, std::string name, const Parameters& overrides) {
  const StrategyPreset& preset = find_preset(preset_name);
  StrategySpec spec{std::move(name), std::string(preset_name), preset.family, preset.parameters};
  for (const auto& [key, value] : overrides) {
    check_parameter(find_parameter(preset, key), value);
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
  const StrategyPreset& preset = find_preset(preset_name);
  Parameters overrides;
  for (std::string_view rest = text.substr(brace + 1, text.size() - brace - 2); !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view item = rest.substr(0, comma);
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos)
      throw Error("strategy '" + std::string(text) + "': '" + std::string(item) + "' is not KEY=VALUE");
    const ParameterInfo& info = find_parameter(preset, item.substr(0, equals));
    if (std::ranges::find(overrides, info.name, &Parameters::value_type::first) != overrides.end())
      throw Error("strategy '" + std::string(text) + "': '" + std::string(info.name) + "' is there twice; keep one");
    overrides.emplace_back(info.name, parse_parameter(info, item.substr(equals + 1)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return strategy_with(preset_name, std::string(text), overrides);
}

}  // namespace vkmembench
