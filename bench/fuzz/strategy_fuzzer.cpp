#include "allocator/testing/test_profile.h"
#include "bench/fuzz/checked_replay.h"
#include "bench/fuzz/fuzz_file.h"
#include "bench/fuzz/fuzzers.h"
#include "bench/fuzz/refusable.h"
#include "bench/run/strategy_list.h"

namespace vkmembench {
namespace {

std::vector<StrategySpec> read_strategies(std::string_view bytes) {
  if (!bytes.starts_with('{')) return parse_strategies(bytes);
  const FuzzFile file(bytes, ".json");
  return {load_strategy_file(file.path())};
}

}  // namespace

void fuzz_strategy(std::string_view bytes) {
  static const DeviceProfile device = test_profile();
  refusable([&] {
    for (const StrategySpec& strategy : read_strategies(bytes)) replay_checked(everyday_trace(), strategy, device);
  });
}

}  // namespace vkmembench
