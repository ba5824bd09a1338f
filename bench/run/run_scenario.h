#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "allocator/base/error.h"
#include "allocator/base/stop_flag.h"
#include "allocator/device/layers/limits_layer.h"
#include "allocator/strategy/strategies.h"
#include "bench/replay/counting/counting.h"
#include "bench/replay/measured/replay.h"
#include "bench/run/devices.h"
#include "bench/run/round_schedule.h"
#include "reports/model/report.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {

// What counts time: automatic takes the model where a device has one, unless lanes run freely; instructions is the
// model, and counts those of the strategies too.
enum class ClockChoice : std::uint8_t { automatic, wall, model, instructions };

// How every run of an invocation is made.
struct RunOptions {
  std::vector<StrategySpec> strategies;
  RepeatPolicy repeat;  // without a number one round does for what is not timed by the wall clock undisturbed
  ClockChoice clock = ClockChoice::automatic;
  InstructionCounter counter = InstructionCounter::valgrind;  // of what the clock of that name counts
  RunSettings settings;
  bool validation = false;
  bool keep_snapshots = true;
  std::uint32_t series_points = 0;  // of each series; 0: as many as keep the report near 1 MiB
  BudgetSource budget = BudgetSource::fixed;
  StopFlag* stop = nullptr;  // of the whole invocation; nobody stops it without
  // Wall time that a strategy's rounds may take together, 0 for no limit; without a value some that depends on the
  // clock.
  std::optional<std::chrono::duration<double>> strategy_timeout;
  std::chrono::duration<double> driver_sleep{};  // that every driver call takes longer
  std::vector<std::string> argv;
};

// A scenario with its trace.
struct LoadedScenario {
  Scenario scenario;
  Trace trace;
};

// A strategy of must_fit that was refused memory, with its first refusal: "buffer 1 of 64 bytes: ...".
struct LackOfMemory {
  std::string strategy;
  RefusalLimit limit = RefusalLimit::driver;
  std::string text;
};

// What came of one scenario on one device.
struct RunOutcome {
  Report report;
  std::vector<LackOfMemory> out_of_memory;  // strategies of must_fit that were refused memory
  std::string nothing_tried;                // why no request could be tried, when none could
  std::vector<std::string> unmet;           // expectations, one line each
  std::vector<std::string> timed_out;       // strategies that took longer than they may
  std::vector<std::string> lost_device;     // strategies that lost their device
  bool violated = false;                    // a check or the validation layer found something
};

// "out of memory for vma, dedicated, which must_fit names: buffer 1 of 64 bytes: ...", a clause for each limit met.
[[nodiscard]] std::string describe(const std::vector<LackOfMemory>& lacks);

// Called after each strategy of the first round, and after every other round, with the report so far.
using WriteReport = std::function<void(const Report&)>;
// How far a scenario's replays on one device are.
struct RunProgress {
  std::string strategy;
  std::uint32_t round = 1;
  std::uint32_t most_rounds = 1;
  double share = 0;  // of all the replays that there may be
};
// Called as a replay goes on.
using ShowProgress = std::function<void(const RunProgress&)>;

// Replays the scenario with every strategy on the device. Throws Error when the device cannot be opened or is lost.
[[nodiscard]] RunOutcome run_scenario(const LoadedScenario& loaded, const DeviceChoice& choice,
                                      const RunOptions& options, const WriteReport& write,
                                      const ShowProgress& progress);

// Throws Error for options that move counts of instructions: what works around a strategy, or did before it.
void require_undisturbed_counts(const RunOptions& options);
// Throws Error, with its place, for a budget of a heap that the device does not have.
void check_budgets(const Trace& trace, const DeviceInfo& device);
// Throws Error for an expectation on a metric that does not exist.
void check_expectations_known(const Scenario& scenario);
// The globs of `must_fit` and `expect` that match neither one of the strategies nor a built-in one, a line each.
[[nodiscard]] std::vector<std::string> globs_without_match(const Scenario& scenario,
                                                           std::span<const std::string> strategies);
// The expectations that the runs do not meet, one line each.
[[nodiscard]] std::vector<std::string> unmet_expectations(const Scenario& scenario, const std::vector<Run>& runs);

}  // namespace vkmembench
