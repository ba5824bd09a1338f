#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "allocator/base/stop_flag.h"
#include "bench/stress/trial.h"

namespace vkmembench {

// A device that is easy to please: what fails is tried there too.
inline constexpr std::string_view kPlainDevice = "sim:nvidia-rtx-3090";

// What a stress run is told.
struct StressPlan {
  std::string mode = "replay";                                // a row of trial_modes()
  std::vector<std::string> strategies;                        // as typed, one each
  std::vector<std::string> devices;                           // selectors of one device each
  std::vector<RunSettings> replays;                           // each of them on every device, at least one
  std::string scenario;                                       // a file; empty: random traces
  std::vector<std::pair<std::string, std::string>> set = {};  // parameters of the scenario
  std::uint64_t max_faults = 0;                               // of mode `faults`, see FaultLoopOptions
  RandomTraceOptions random;                                  // seed of the first trace; events are drawn for each
  std::optional<std::uint64_t> events;                // of each strategy, at least; without: one trial of each kind
  std::optional<std::chrono::duration<double>> time;  // that all of it may take
  std::string output_stem;                            // files of findings are named after it
};

// Something that went wrong, the first time; `count` says how often.
struct StressFinding {
  Trial trial;
  Problem problem;
  std::uint64_t count = 1;
  std::string known{};       // what is known of it, empty for nothing
  std::string file{};        // a scenario that repeats it
  std::uint64_t events = 0;  // of that
  bool shrunk = false;       // to its end; else time was up
};

struct StrategyTotals {
  std::string strategy;
  std::uint64_t trials = 0;
  std::uint64_t events = 0;
  std::uint64_t failed = 0;                                          // trials
  std::uint64_t refused = 0;                                         // trials on devices that its parameters contradict
  nlohmann::ordered_json figures = nlohmann::ordered_json::array();  // of a mode, by trial
};

struct StressResult {
  std::vector<StrategyTotals> strategies;
  std::vector<StressFinding> findings;
  double seconds = 0;
  bool interrupted = false;

  [[nodiscard]] bool is_clean() const;  // but for what is known
};

// Called before each trial.
using ShowTrial = std::function<void(const StressResult& so_far, const Trial& next)>;

// Every strategy makes the same trials, in turn over devices and replays. Writes a scenario for each finding. Throws
// Error for a plan that cannot be carried out.
[[nodiscard]] StressResult run_stress(const StressPlan& plan, const StopFlag& stop, const ShowTrial& show);

// The words of the command that repeats a finding.
[[nodiscard]] std::vector<std::string> again(const StressFinding& finding);

}  // namespace vkmembench
