#include <cstdlib>
#include <string>

#include "bench/fuzz/byte_device.h"
#include "bench/fuzz/byte_trace.h"
#include "bench/fuzz/checked_replay.h"
#include "bench/fuzz/fuzzers.h"
#include "bench/fuzz/refusable.h"
#include "scenarios/trace/trace_writer.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

std::vector<StrategySpec> core_strategies() {
  std::vector<StrategySpec> strategies;
  for (const StrategyPreset& preset : strategy_presets()) {
    if (preset.name.starts_with("core-")) strategies.push_back(parse_strategy(preset.name));
  }
  return strategies;
}

}  // namespace

void fuzz_core(std::string_view bytes) {
  static std::vector<StrategySpec> strategies = core_strategies();
  ByteSource source(bytes);
  refusable([&] {
    const StrategySpec& strategy = source.pick(strategies);
    const DeviceProfile profile = device_of(source);
    const Trace trace = trace_of(source);
    // Where a file is named, the input is left there as the trace it means.
    if (const char* file = std::getenv("VKMEMBENCH_FUZZ_TRACE")) write_trace(trace, file);
    replay_checked(trace, strategy, profile);
  });
}

}  // namespace vkmembench
