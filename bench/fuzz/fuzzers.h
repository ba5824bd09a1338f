#pragma once

#include <span>
#include <string_view>

namespace vkmembench {

// What is driven by bytes from anywhere: one row of the table. The folder corpus/NAME holds inputs to start from, and
// those that once broke something.
struct Fuzzer {
  std::string_view name;
  std::string_view description;
  // Takes any bytes. Errors that the program would print are caught; whatever else goes wrong ends the process.
  void (*run)(std::string_view bytes);
};
[[nodiscard]] std::span<const Fuzzer> fuzzers();

// X(name, function, description): every row, one a file.
// clang-format off
#define VKMEMBENCH_FUZZERS(X) \
  X("scenario", fuzz_scenario, "a scenario file, expanded") \
  X("trace", fuzz_trace, "a trace of one event a line, written and read again") \
  X("import", fuzz_import, "a recording of others, made a trace, written and read again") \
  X("profile", fuzz_profile, "a device profile, and a replay on the device it describes") \
  X("report", fuzz_report, "a report: read, exported, compared and gated") \
  X("policy", fuzz_policy, "a policy of the gate") \
  X("plan", fuzz_plan, "a plan of a fleet, cut into shards and emitted, and values of a matrix") \
  X("store", fuzz_store, "the index of a store of reports, and its page") \
  X("strategy", fuzz_strategy, "a list of strategies with overrides, and a replay through each") \
  X("core", fuzz_core, "a device and events as bytes decide, through the core and all checks") \
  X("placement", fuzz_placement, "ranges placed and released in regions, by each placement")
// clang-format on

#define VKMEMBENCH_ROW(name, function, description) void function(std::string_view bytes);
VKMEMBENCH_FUZZERS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW

}  // namespace vkmembench
