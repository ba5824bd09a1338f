#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "allocator/base/check.h"
#include "allocator/base/error.h"
#include "allocator/base/os/signals.h"
#include "bench/stress/trial.h"

namespace vkmembench {
namespace {

// Opens real devices once: that takes longer than a trial. Simulated ones begin afresh with each.
class OpenDevice : public DeviceOwner {
 public:
  explicit OpenDevice(std::shared_ptr<DeviceOwner> owner) : owner_(std::move(owner)) {}
  [[nodiscard]] Device device() const override { return owner_->device(); }

 private:
  std::shared_ptr<DeviceOwner> owner_;
};

class TrialServer {
 public:
  TrialResult run(const Trial& trial) {
    const auto mode = std::ranges::find(trial_modes(), trial.mode, &TrialMode::name);
    VKMEMBENCH_CHECK(mode != trial_modes().end(), "a trial of an unknown mode");
    if (strategy_ != trial.strategy) {
      spec_ = parse_strategies(trial.strategy).front();
      strategy_ = trial.strategy;
    }
    return mode->run({trial, trace_of(trial), spec_, device(trial.device)});
  }

 private:
  const DeviceChoice& device(const std::string& selector) {
    const auto [entry, fresh] = devices_.try_emplace(selector);
    if (!fresh) return entry->second;
    DeviceChoice choice = select_devices(selector).front();
    if (!choice.info.simulated) {
      choice.open = [open = choice.open, owner = std::shared_ptr<DeviceOwner>()](const OpenOptions& options) mutable {
        if (owner == nullptr) {
          OpenOptions for_any_trace = options;
          for_any_trace.features = DeviceFeatureSet::all();
          owner = open(for_any_trace);
        }
        return std::make_unique<OpenDevice>(owner);
      };
    }
    return entry->second = std::move(choice);
  }

  std::string strategy_;
  StrategySpec spec_;
  std::map<std::string, DeviceChoice> devices_;
};

}  // namespace

void serve_trials() {
  end_quietly_by_mistake();  // an abort is an answer
  TrialServer server;
  for (std::string line; std::getline(std::cin, line);) {
    fmt::print("{}\n", to_line(server.run(trial_of(line))));
    std::fflush(stdout);
  }
}

}  // namespace vkmembench
