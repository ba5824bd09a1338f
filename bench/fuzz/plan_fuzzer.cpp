#include <algorithm>
#include <string>

#include "bench/fleet/emit.h"
#include "bench/fleet/plan.h"
#include "bench/fleet/values.h"
#include "bench/fuzz/fuzz_file.h"
#include "bench/fuzz/fuzzers.h"
#include "bench/fuzz/refusable.h"

namespace vkmembench {

void fuzz_plan(std::string_view bytes) {
  constexpr std::uint32_t kMostShards = 1000;
  const FuzzFile file(bytes, ".json");
  refusable([&] {
    const Plan plan = read_plan_file(file.path());
    const std::uint32_t shards = std::min(plan.shards, kMostShards);
    static_cast<void>(shards_of(plan, shards));
    for (const PlanEmitter& emitter : emitters())
      static_cast<void>(emitter.text({plan, "/plan", "/vkmembench", shards, {1, shards}}));
  });
  refusable([&] { static_cast<void>(read_values(JsonDocument::parse(bytes, "values.json").root())); });
}

}  // namespace vkmembench
