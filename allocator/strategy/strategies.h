#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/base/parameter.h"
#include "allocator/device/device.h"
#include "allocator/seam/strategy.h"

namespace vkmembench {

struct StrategyFamily;

// One row of `list strategies`: a family with parameters of its own.
struct StrategyPreset {
  std::string_view name;
  std::string_view description;
  Parameters parameters = {};
  const StrategyFamily* family = nullptr;  // whose preset it is; strategy_presets() says so
};

// A kind of strategy, its presets and the parameters it understands.
struct StrategyFamily {
  std::string_view name;
  std::vector<StrategyPreset> presets;
  std::span<const Parameter> parameters;
  // Throws Error when the parameters contradict the device. Requires checked parameters.
  std::unique_ptr<Strategy> (*make)(const Device& device, const Parameters& parameters);
  // Throws Error when the parameters contradict each other; nullptr where none can.
  void (*check)(const Parameters& parameters) = nullptr;
  // Does what a recorded program did: of use only where StrategyHost::places tells that.
  bool needs_places = false;
};

// The presets of every family, `null` first. `--strategy all` means every row in this order.
[[nodiscard]] std::span<const StrategyPreset> strategy_presets();

// A strategy to run: what the user wrote and everything needed to make it.
struct StrategySpec {
  std::string name;  // the preset's, with its overrides in braces as typed
  std::string preset;
  const StrategyFamily* family = nullptr;
  Parameters parameters;  // the preset's, then the overrides
  // Every parameter of the family with the value it has here.
  [[nodiscard]] Parameters all_parameters() const;
  [[nodiscard]] std::unique_ptr<Strategy> make(const Device& device) const { return family->make(device, parameters); }
};
// Reads "preset" or "preset{key=value,...}". Throws Error with a suggestion for an unknown preset or key.
[[nodiscard]] StrategySpec parse_strategy(std::string_view text);
// A preset with overrides already typed, as from a strategy file. Throws Error likewise.
[[nodiscard]] StrategySpec strategy_with(std::string_view preset, std::string name, const Parameters& overrides);

}  // namespace vkmembench
