#include "bench/fuzz/checked_replay.h"
#include "bench/fuzz/fuzzers.h"
#include "bench/fuzz/refusable.h"
#include "scenarios/profiles/profile_reader.h"

namespace vkmembench {

void fuzz_profile(std::string_view bytes) {
  static const StrategySpec core = parse_strategy("core-default");
  refusable([&] { replay_checked(everyday_trace(), core, parse_profile(bytes, "profile.json")); });
}

}  // namespace vkmembench
