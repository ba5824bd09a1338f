#pragma once

#include <benchmark/benchmark.h>

namespace vkmembench {

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
