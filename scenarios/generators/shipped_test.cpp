// The scenario files that ship, as the program reads them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "cmake/source_dir.h"
#include "scenarios/generators/generator_testing.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench::testing {
namespace {

std::vector<std::string> shipped() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(source_dir() + "/scenarios")) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class ShippedScenario : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] Scenario load() const { return load_scenario(source_dir() + "/scenarios/" + GetParam() + ".json", {}); }
};

INSTANTIATE_TEST_SUITE_P(Files, ShippedScenario, ::testing::ValuesIn(shipped()),
                         [](const auto& row) { return row.param; });

TEST_P(ShippedScenario, IsNamedAndDescribed) {
  const Scenario scenario = load();
  EXPECT_EQ(scenario.name, GetParam());
  EXPECT_GT(scenario.description.size(), 80u);
  EXPECT_FALSE(scenario.must_fit.empty());
}

TEST_P(ShippedScenario, ExpectsNoLeak) {
  const Scenario scenario = load();
  EXPECT_TRUE(std::any_of(scenario.expect.begin(), scenario.expect.end(), [](const Expectation& expectation) {
    return expectation.metric == "leak.count" && expectation.max == 0.0 && expectation.strategies.empty();
  }));
}

// A software driver runs every strategy in seconds, in a heap of 2 GiB.
TEST_P(ShippedScenario, IsLightEnoughForEveryDevice) {
  const Trace trace = expand(load(), {});
  const TraceSummary summary = summarize(trace);
  EXPECT_LE(summary.held_peak_bytes, kGiB);
  EXPECT_LE(summary.uploaded_bytes, 600 * kMiB);
  // Objects made in batches, and their frees, cost much less than single events: they are bounded apart.
  std::vector<bool> batched(trace.objects.size(), false);
  for (const Event& event : trace.events) {
    if (event.op == Op::batch) std::fill_n(batched.begin() + event.object, event.count(), true);
  }
  const auto in_batches = std::count(batched.begin(), batched.end(), true);
  const auto events = std::count_if(trace.events.begin(), trace.events.end(),
                                    [&](const Event& event) { return event.op != Op::free || !batched[event.object]; });
  EXPECT_LE(in_batches, 250'000);
  EXPECT_GE(events, 2'000);
  EXPECT_LE(events, 60'000);
}

TEST(ShippedScenarios, UseEveryGenerator) {
  std::set<std::string> used;
  for (const std::string& name : shipped()) {
    const Scenario scenario = load_scenario(source_dir() + "/scenarios/" + name + ".json", {});
    if (const auto* call = std::get_if<GeneratorCall>(&scenario.workload))
      used.insert(std::string(call->arguments.generator().name));
  }
  for (const Generator& generator : generators()) {
    EXPECT_TRUE(used.contains(std::string(generator.name))) << generator.name;
  }
}

}  // namespace
}  // namespace vkmembench::testing
