// What `--check` costs: a replay under every check against the same without, within one process. On lavapipe by
// scenarios that fill their objects, so that contents are compared; on a simulated device, where everything else costs
// next to nothing, by scenarios that only place. Every ratio is the median of interleaved pairs; `low` and `high` bound
// it at 95 %.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "allocator/base/error.h"
#include "allocator/strategy/strategies.h"
#include "bench/replay/measured/replay.h"
#include "bench/run/devices.h"
#include "bench/run/scenario_files.h"
#include "bench/suites/suite.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

struct Cost {
  const char* device;
  const char* scenario;
  const char* scale;
};
constexpr Cost kCosts[] = {
    {"cpu", "texture_streaming", "0.05"},      {"cpu", "staging_ring", "0.2"},
    {"cpu", "dynamic_streaming", "0.1"},       {"cpu", "scene_switch", "0.05"},
    {"sim:nvidia-rtx-3090", "churn", "0.5"},   {"sim:nvidia-rtx-3090", "many_holes", "0.5"},
    {"sim:nvidia-rtx-3090", "bimodal", "0.5"},
};

void check(benchmark::State& state, const Cost& cost, const std::string& strategy) try {
  const DeviceChoice device = select_devices(cost.device).front();
  const std::unique_ptr<DeviceOwner> owner = device.open({.verify_contents = true});
  ScenarioOverrides overrides;
  overrides.set.emplace_back("scale", cost.scale);
  const Trace trace = expand(load_scenario(find_scenario(cost.scenario), overrides), overrides);
  const Requests requests = resolve_requests(trace, owner->device());
  const StrategySpec spec = parse_strategy(strategy);
  const auto replay_seconds = [&](bool checked) {
    LimitsLayer limits(owner->device());
    ReplayOptions options;
    options.settings.timing = false;
    options.settings.check = checked;
    const auto make = [&](const Device& below) { return spec.make(below); };
    return seconds_of(
        [&] { benchmark::DoNotOptimize(replay(trace, requests, limits, owner->device(), make, options).events_done); });
  };
  report_ratio(
      state, [&] { return replay_seconds(false); }, [&] { return replay_seconds(true); },
      static_cast<double>(trace.events.size()), 7);
} catch (const Error& error) {  // no such device here
  state.SkipWithError(error.what());
}

void add_all() {
  for (const Cost& cost : kCosts) {
    for (const char* strategy : {"dedicated", "vma", "core-default"}) {
      benchmark::RegisterBenchmark(fmt::format("check/{}/{}/{}", cost.device, cost.scenario, strategy).c_str(),
                                   [&cost, strategy](benchmark::State& state) { check(state, cost, strategy); })
          ->Iterations(1)
          ->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace
}  // namespace vkmembench

int main(int argc, char** argv) { return vkmembench::run_suite(argc, argv, vkmembench::add_all); }
