#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "bench/run/devices.h"
#include "bench/run/run_scenario.h"

namespace vkmembench {

// Tells how long a run takes from short replays of one scenario, one a strategy preset and kind of device.
class Probe {
 public:
  // How the cells will run: settings, clock and rounds.
  explicit Probe(RunOptions options) : options_(std::move(options)) {}

  // Keeps the scenario if none before was better to measure: long enough to show what an event costs, and no longer.
  void offer(const LoadedScenario& loaded);
  // Seconds of a replay of so many events and of writing its report, in all rounds, besides what it takes to start and
  // to expand the scenario. `device` stands for those that are not here. Requires an offer.
  [[nodiscard]] double seconds(std::size_t events, const StrategySpec& strategy, const DeviceChoice& device,
                               bool measured);

 private:
  [[nodiscard]] double per_event(const StrategySpec& strategy, const DeviceChoice& device);

  RunOptions options_;
  std::optional<LoadedScenario> loaded_;
  std::map<std::pair<std::string, std::string>, double> per_event_;  // by preset and device
};

}  // namespace vkmembench
