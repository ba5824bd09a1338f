#include "bench/stress/trial.h"

#include <array>

#include "allocator/base/error.h"
#include "allocator/device/layers/limits_layer.h"
#include "allocator/device/simulated/simulated_device.h"
#include "bench/replay/measured/replay.h"
#include "bench/run/run_scenario.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

TrialResult replay_trial(const TrialInput& input) {
  TrialResult result;
  result.events = input.trace.events.size();
  try {
    const std::unique_ptr<DeviceOwner> owner =
        input.device.open({.verify_contents = input.trial.settings.check, .features = features_for(input.trace)});
    check_budgets(input.trace, *owner->device().info);
    const Device raw = owner->device();
    LimitsLayer limits(raw);
    const Requests requests = resolve_requests(input.trace, raw);
    ReplayOptions options;
    options.settings = input.trial.settings;
    const MakeStrategy make = [&](const Device& device) {
      try {
        return input.strategy.make(device);
      } catch (const Error& error) {
        result.refusal = error.what();
        throw;
      }
    };
    const Recording recording = replay(input.trace, requests, limits, raw, make, options);
    result.problems = violations_of(recording);
    if (!recording.leaked.empty() && !recording.violation_counts.contains("leak"))
      result.problems.push_back({"leak", std::to_string(recording.leaked.size()) + " memories are alive at the end"});
    if (raw.info->simulated) {
      if (const std::uint64_t leaks = simulated_leaks(*owner).total(); leaks != 0 && result.problems.empty())
        result.problems.push_back({"device_leak", std::to_string(leaks) + " objects are alive at the end"});
    }
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::out_of_memory) result.refusal = error.what();
    if (result.refusal.empty()) result.problems.push_back({"exception", error.what()});
  } catch (const std::exception& error) {
    result.problems.push_back({"exception", error.what()});
  }
  return result;
}

std::span<const TrialMode> trial_modes() {
  static constexpr std::array kModes = std::to_array<TrialMode>({
      {"replay", replay_trial},
      {"faults", fault_trial},
      {"min-heap", min_heap_trial},
  });
  return kModes;
}

Trace trace_of(const Trial& trial) {
  if (trial.scenario.empty()) return random_trace(trial.random);
  ScenarioOverrides overrides;
  overrides.set = trial.set;
  return expand(load_scenario(trial.scenario, overrides), overrides);
}

std::string to_line(const Trial& trial) {
  return Json{{"mode", trial.mode},
              {"strategy", trial.strategy},
              {"device", trial.device},
              {"concurrent", trial.settings.concurrent},
              {"check", trial.settings.check},
              {"scenario", trial.scenario},
              {"seed", trial.random.seed},
              {"events", trial.random.events},
              {"lanes", trial.random.lanes},
              {"max_live_bytes", trial.random.max_live_bytes},
              {"set", trial.set},
              {"max_faults", trial.max_faults}}
      .dump();
}

Trial trial_of(std::string_view line) {
  const Json json = Json::parse(line);
  return {.mode = json.at("mode"),
          .strategy = json.at("strategy"),
          .device = json.at("device"),
          .settings = {.concurrent = json.at("concurrent"), .check = json.at("check"), .timing = false},
          .scenario = json.at("scenario"),
          .random = {.seed = json.at("seed"),
                     .events = json.at("events"),
                     .lanes = json.at("lanes"),
                     .max_live_bytes = json.at("max_live_bytes")},
          .set = json.at("set"),
          .max_faults = json.at("max_faults")};
}

std::string to_line(const TrialResult& result) {
  Json problems = Json::array();
  for (const Problem& problem : result.problems) problems.push_back({{"kind", problem.kind}, {"text", problem.text}});
  return Json{{"events", result.events},
              {"refusal", result.refusal},
              {"problems", std::move(problems)},
              {"figures", result.figures}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

TrialResult result_of(std::string_view line) {
  const Json json = Json::parse(line);
  TrialResult result{json.at("events"), json.at("refusal"), {}, json.at("figures")};
  for (const Json& problem : json.at("problems")) result.problems.push_back({problem.at("kind"), problem.at("text")});
  return result;
}

}  // namespace vkmembench
