#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/trace/trace.h"
#include "scenarios/trace/trace_limits.h"
#include "scenarios/workload/workload.h"

namespace vkmembench {

// A bound that a metric must keep in the runs of the strategies that the globs name.
struct Expectation {
  std::string metric;
  std::optional<double> min;
  std::optional<double> max;
  std::string scope;                    // value of the metric's scope, empty for the total
  std::vector<std::string> strategies;  // globs; default: all but `null`
};

// The recipe as its file states it, checked; expand() makes the trace.
struct Scenario {
  std::filesystem::path file;
  std::uint64_t file_hash = 0;
  std::string name;
  std::string description;
  std::uint64_t seed = 0;
  std::uint32_t frames_in_flight = 2;
  Workload workload;  // with overrides applied
  std::vector<std::string> must_fit;
  std::vector<Expectation> expect;
};

struct ScenarioOverrides {
  std::optional<std::uint64_t> seed;
  std::vector<std::pair<std::string, std::string>> set;           // --set KEY=VALUE, in order
  std::optional<std::pair<std::uint64_t, std::uint64_t>> frames;  // --frames A-B
};

// Reads and checks a scenario file; a `.jsonl` or `.jsonl.zst` trace is a scenario of that trace alone.
// Throws Error naming file, JSON pointer, line and remedy.
[[nodiscard]] Scenario load_scenario(const std::filesystem::path& file, const ScenarioOverrides& overrides);
// The scenario's file and the trace files that its workload names.
[[nodiscard]] std::vector<std::filesystem::path> input_files(const Scenario& scenario);
// Whether anything in its trace depends on the seed: a workload of events or traces has none to draw.
[[nodiscard]] bool uses_seed(const Scenario& scenario);
// The trace of the scenario: the same for equal scenario, overrides and tool. Throws Error.
[[nodiscard]] Trace expand(const Scenario& scenario, const ScenarioOverrides& overrides,
                           const TraceLimits& limits = {});
// The text of a scenario of the trace's events, an event a line. Requires a trace without a measured cut.
[[nodiscard]] std::string scenario_text(const Trace& trace, std::string_view name, std::string_view description);

}  // namespace vkmembench
