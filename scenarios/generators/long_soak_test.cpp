#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

constexpr Bytes kDay = 384 * kMiB;
constexpr Bytes kLargest = 6 * kMiB;      // the largest texture with its mips, rounded up
constexpr Bytes kFrameLoop = 128 * kKiB;  // more than the frame loop's own buffers take

class Cycles : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Counts, Cycles, ::testing::Values(1, 3, 12));

TEST_P(Cycles, AreComparedAtEqualLoad) {
  const TraceSummary summary = summarize(generate("long_soak", {{"cycles", GetParam()}}));
  EXPECT_EQ(summary.snapshots.size(), static_cast<std::size_t>(GetParam()) + 2);
  for (int cycle = 1; cycle <= GetParam(); ++cycle) {
    const Bytes bytes = summary.snapshots.at("cycle_" + std::to_string(cycle)).bytes;
    EXPECT_GT(bytes, kDay - kLargest) << cycle;
    EXPECT_LE(bytes, kDay + kFrameLoop) << cycle;
  }
  const Bytes night = summary.snapshots.at("last_night").bytes;
  EXPECT_GT(night, kDay * 60 / 100 - kLargest);
  EXPECT_LE(night, kDay * 60 / 100 + kFrameLoop);
}

TEST(LongSoak, ReplacesMostOfTheSetEachDayAndKeepsSome) {
  const TraceSummary summary = summarize(generate("long_soak"));
  const std::set<ObjectIndex>& first = summary.snapshots.at("cycle_1").objects;
  const std::set<ObjectIndex>& second = summary.snapshots.at("cycle_2").objects;
  const std::set<ObjectIndex>& last = summary.snapshots.at("cycle_6").objects;
  const auto kept = [&](const std::set<ObjectIndex>& later) {
    return static_cast<double>(
               std::count_if(first.begin(), first.end(), [&](ObjectIndex object) { return later.contains(object); })) /
           static_cast<double>(first.size());
  };
  EXPECT_LT(kept(second), 0.5);
  EXPECT_GT(kept(last), 0.1);
  EXPECT_NEAR(kept(last), kept(second), 0.1);  // what stays stays to the end
}

TEST(LongSoak, EveryFrameReplacesTheChurn) {
  for (const double churn : {1.0, 8.0}) {
    const Trace trace = generate("long_soak", {{"churn_per_frame", churn}, {"night_percent", 100}, {"cycles", 2}});
    const TraceSummary summary = summarize(trace);
    const auto frees = static_cast<double>(summary.count(Op::free) - summary.snapshots.at("last_night").objects.size());
    // What overshoots the load at times is freed beside the churn.
    EXPECT_NEAR(frees, 2 * 1000 * churn, 2 * 1000 * churn * 0.02) << churn;
  }
}

TEST(LongSoak, MovesNoContentsButItsConstants) {
  EXPECT_EQ(summarize(generate("long_soak")).count(Op::upload), 1u);  // the frame loop's results
}

}  // namespace
}  // namespace vkmembench::testing
