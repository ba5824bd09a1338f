#include "bench/fuzz/fuzzers.h"

#include <array>

namespace vkmembench {

std::span<const Fuzzer> fuzzers() {
  static constexpr std::array<Fuzzer, 8> kFuzzers = {
      {{"scenario", "a scenario file, expanded", fuzz_scenario},
       {"trace", "a trace of one event a line, written and read again", fuzz_trace},
       {"profile", "a device profile, and a replay on the device it describes", fuzz_profile},
       {"report", "a report: read, exported, compared and gated", fuzz_report},
       {"policy", "a policy of the gate", fuzz_policy},
       {"strategy", "a list of strategies with overrides, and a replay through each", fuzz_strategy},
       {"core", "a device and events as bytes decide, through the core and all checks", fuzz_core},
       {"placement", "ranges placed and released in regions, by each placement", fuzz_placement}}};
  return kFuzzers;
}

}  // namespace vkmembench
