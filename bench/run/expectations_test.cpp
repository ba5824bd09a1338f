#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/run/run_scenario.h"

namespace vkmembench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A run of a strategy with one metric of the given value.
Run run_with(const std::string& strategy, std::variant<std::monostate, std::uint64_t, double> value) {
  Run run;
  run.strategy = strategy;
  MetricValue metric;
  metric.id = "mem.reserved_over_live_ratio";
  metric.value = value;
  metric.reason = "because";
  run.metrics.push_back(metric);
  metric.id = "mem.reserved_over_live_at_ratio";
  metric.value = 1.25;
  metric.scope_kind = "label";
  metric.scope = "peak";
  run.metrics.push_back(metric);
  return run;
}
Expectation expectation(std::optional<double> min, std::optional<double> max, std::vector<std::string> globs = {}) {
  Expectation made;
  made.metric = "mem.reserved_over_live_ratio";
  made.min = min;
  made.max = max;
  made.strategies = std::move(globs);
  return made;
}
std::vector<std::string> unmet(const Expectation& expected, const std::vector<Run>& runs) {
  Scenario scenario;
  scenario.expect = {expected};
  return unmet_expectations(scenario, runs);
}

struct Bound {
  std::optional<double> min;
  std::optional<double> max;
  std::variant<std::monostate, std::uint64_t, double> value;
  const char* line;  // nullptr: met
};
class Bounds : public testing::TestWithParam<Bound> {};
INSTANTIATE_TEST_SUITE_P(
    Table, Bounds,
    testing::Values(Bound{{}, 1.5, 1.5, nullptr}, Bound{{}, 1.5, 1.25, nullptr},
                    Bound{{}, 1.5, 1.75, "vma: mem.reserved_over_live_ratio is 1.75, at most 1.5 is expected"},
                    Bound{2, {}, std::uint64_t{2}, nullptr},
                    Bound{2, {}, std::uint64_t{1}, "vma: mem.reserved_over_live_ratio is 1, at least 2 is expected"},
                    Bound{0, 0, std::uint64_t{0}, nullptr}, Bound{1, 2, 1.5, nullptr},
                    Bound{{}, 1.5, {}, "vma: mem.reserved_over_live_ratio has no value (because)"}));
TEST_P(Bounds, AreInclusiveAndNullMeetsNone) {
  const auto lines = unmet(expectation(GetParam().min, GetParam().max), {run_with("vma", GetParam().value)});
  EXPECT_EQ(lines, GetParam().line == nullptr ? std::vector<std::string>() : std::vector<std::string>{GetParam().line});
}

TEST(Expectations, ApplyToAllButNullUnlessGlobsSayWhom) {
  const std::vector<vkmembench::Run> runs = {run_with("null", 9.0), run_with("vma", 9.0), run_with("core-default", 9.0),
                                             run_with("core-speed{arenas=2}", 9.0)};
  const auto names = [&](std::vector<std::string> globs) {
    std::vector<std::string> found;
    for (const std::string& line : unmet(expectation({}, 1, std::move(globs)), runs))
      found.push_back(line.substr(0, line.find(':')));
    return found;
  };
  EXPECT_THAT(names({}), ElementsAre("vma", "core-default", "core-speed{arenas=2}"));
  EXPECT_THAT(names({"core-*"}), ElementsAre("core-default", "core-speed{arenas=2}"));
  EXPECT_THAT(names({"null"}), ElementsAre("null"));
  EXPECT_THAT(names({"core-d*", "vma"}), ElementsAre("vma", "core-default"));
  EXPECT_THAT(names({"nobody"}), IsEmpty());
}

TEST(Expectations, MeanOneScopeWhereTheyNameIt) {
  Expectation expected = expectation({}, 1);
  expected.metric = "mem.reserved_over_live_at_ratio";
  expected.scope = "peak";
  EXPECT_THAT(unmet(expected, {run_with("vma", 1.0)}),
              ElementsAre("vma: mem.reserved_over_live_at_ratio[peak] is 1.25, at most 1 is expected"));
  expected.scope = "end";
  EXPECT_THAT(unmet(expected, {run_with("vma", 1.0)}),
              ElementsAre("vma: mem.reserved_over_live_at_ratio[end] has no value (this run does not report it)"));
}

TEST(Expectations, OnUnknownMetricsAreRefusedWithASuggestion) {
  Scenario scenario;
  scenario.file = "some.json";
  Expectation expected = expectation({}, 1);
  scenario.expect = {expected};
  EXPECT_NO_THROW(check_expectations_known(scenario));
  for (const char* id : {"time.create_buffer_ns.p99", "api.allocate_memory_count", "leak.count"}) {
    scenario.expect.front().metric = id;
    EXPECT_NO_THROW(check_expectations_known(scenario)) << id;
  }
  for (const char* id : {"leak.cuont", "leak.count.p99", ""}) {
    scenario.expect.front().metric = id;
    EXPECT_THROW(check_expectations_known(scenario), Error) << id;
  }
  scenario.expect.front().metric = "leak.cuont";
  try {
    check_expectations_known(scenario);
  } catch (const Error& error) {
    EXPECT_THAT(
        error.what(),
        testing::StartsWith("some.json: /expect/0/metric: no metric 'leak.cuont' (did you mean 'leak.count'?); the "
                            "nearest of "));
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
  }
  scenario.expect.front().metric = "time.frame_ns";
  try {
    check_expectations_known(scenario);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("'time.frame_ns' is a distribution; name one of its statistics: p50"));
  }
}

TEST(Globs, ThatMatchNoStrategyAreTold) {
  Scenario scenario;
  scenario.file = "some.json";
  scenario.must_fit = {"core-*", "cor-default", "mine"};
  scenario.expect.push_back(expectation(std::nullopt, 0, {"vma", "vm"}));
  const std::vector<std::string> run = {"mine"};
  EXPECT_THAT(
      globs_without_match(scenario, run),
      testing::ElementsAre(testing::StartsWith("some.json: /must_fit: 'cor-default' matches no strategy (did you "
                                               "mean 'core-default'?); there are null, "),
                           testing::HasSubstr("/expect/0/strategies: 'vm' matches no strategy")));
}

}  // namespace
}  // namespace vkmembench
