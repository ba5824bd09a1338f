#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/replay/run_settings.h"
#include "bench/run/devices.h"
#include "bench/run/strategy_list.h"
#include "bench/stress/problem.h"
#include "scenarios/random/random_trace.h"

namespace vkmembench {

// One replay that `stress` makes, as its worker is told to.
struct Trial {
  std::string mode = "replay";  // a row of trial_modes()
  std::string strategy;         // as typed
  std::string device;           // a selector
  RunSettings settings = kCheckedRun;
  std::string scenario;                                       // a file; empty: a random trace
  RandomTraceOptions random;                                  // of that
  std::vector<std::pair<std::string, std::string>> set = {};  // parameters of the scenario
  std::uint64_t max_faults = 0;                               // see FaultLoopOptions
};

struct TrialResult {
  std::uint64_t events = 0;        // of the trace
  std::string refusal;             // why the strategy cannot be had on the device: nothing was replayed
  std::vector<Problem> problems;   // the first of each kind
  nlohmann::ordered_json figures;  // what a mode measured; null for none
};

// What a trial is made of, ready to use.
struct TrialInput {
  const Trial& trial;
  const Trace& trace;
  const StrategySpec& strategy;
  const DeviceChoice& device;
};
// What is done with a trace: one row of a table.
struct TrialMode {
  std::string_view name;
  TrialResult (*run)(const TrialInput& input);
};
[[nodiscard]] std::span<const TrialMode> trial_modes();
// Replays the trace once, with every check; what the replay throws is a problem.
[[nodiscard]] TrialResult replay_trial(const TrialInput& input);
// See fault_loop() and min_heap().
[[nodiscard]] TrialResult fault_trial(const TrialInput& input);
[[nodiscard]] TrialResult min_heap_trial(const TrialInput& input);

// The trace of a trial. Throws Error.
[[nodiscard]] Trace trace_of(const Trial& trial);

// Makes trials, told by lines on stdin and answered on stdout, until there are no more.
void serve_trials();

[[nodiscard]] std::string to_line(const Trial& trial);
[[nodiscard]] Trial trial_of(std::string_view line);
[[nodiscard]] std::string to_line(const TrialResult& result);
[[nodiscard]] TrialResult result_of(std::string_view line);

}  // namespace vkmembench
