#include "bench/fuzz/fuzz_file.h"
#include "bench/fuzz/fuzzers.h"
#include "bench/fuzz/refusable.h"
#include "bench/run/run_scenario.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {

void fuzz_scenario(std::string_view bytes) {
  constexpr TraceLimits kLimits{.events = 4'000};
  const FuzzFile file(bytes, ".json");
  refusable([&] {
    const Scenario scenario = load_scenario(file.path(), {});
    check_expectations_known(scenario);
    static_cast<void>(globs_without_match(scenario, {}));
    static_cast<void>(expand(scenario, {}, kLimits));
  });
}

}  // namespace vkmembench
