#pragma once

#include <benchmark/benchmark.h>

#include "bench/suites/paired.h"

namespace vkmembench {

// The median of candidate / base over pairs, with its 95 % interval and the best time of an event on either side.
inline void report_ratio(benchmark::State& state, const Timed& base, const Timed& candidate, double events,
                         int pairs = 21) {
  for (auto iteration : state) {
    const PairedTimes times = time_pairs(base, candidate, pairs);
    state.counters["ratio"] = times.evidence.ratio;
    state.counters["low"] = times.evidence.low;
    state.counters["high"] = times.evidence.high;
    state.counters["base_ns"] = times.best_base * 1e9 / events;
    state.counters["candidate_ns"] = times.best_candidate * 1e9 / events;
  }
}

// main() of a suite whose benchmarks follow a table: `add` registers those, beside the ones that BENCHMARK() has. What
// the command line selects is run.
inline int run_suite(int argc, char** argv, void (*add)()) {
  add();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace vkmembench
