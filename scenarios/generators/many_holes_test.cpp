#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

// Runs of freed buffers between kept ones at a snapshot, for buffers laid out in order of creation.
struct Gap {
  Offset start = 0;
  Bytes size = 0;
};
std::vector<Gap> gaps(const Trace& trace, const Holding& holding) {
  std::vector<Gap> gaps;
  Offset at = 0;
  bool open = false;
  for (ObjectIndex i = 0; i < trace.objects.size(); ++i) {
    if (tag_of(trace, i) != "holes/small") continue;
    const Bytes size = trace.objects[i].size;
    if (holding.objects.contains(i)) {
      open = false;
    } else {
      if (!open) gaps.push_back({at, 0});
      gaps.back().size += size;
      open = true;
    }
    at += size;
  }
  return gaps;
}

bool serves(const Gap& gap, Bytes size, Bytes alignment) {
  return (gap.start + alignment - 1) / alignment * alignment + size <= gap.start + gap.size;
}

class HoleCounts : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Counts, HoleCounts, ::testing::Values(1, 63, 64, 1000, 10'000));

TEST_P(HoleCounts, AreWhatTheParameterSaysAndFewServeAnAsk) {
  const Trace trace = generate("many_holes", {{"holes", GetParam()}});
  const std::vector<Gap> holes = gaps(trace, summarize(trace).snapshots.at("holes"));
  ASSERT_EQ(holes.size(), static_cast<std::size_t>(GetParam()));
  const auto serving = std::count_if(holes.begin(), holes.end(), [](const Gap& g) { return serves(g, kKiB, 2048); });
  EXPECT_EQ(serving, GetParam() / 64);
  EXPECT_TRUE(std::all_of(holes.begin(), holes.end(), [](const Gap& gap) { return serves(gap, kKiB, 1); }));
  const auto wide = std::count_if(holes.begin(), holes.end(), [](const Gap& g) { return serves(g, 2048, 2048); });
  EXPECT_EQ(wide, GetParam() / 64);
}

TEST(ManyHoles, AsksAreAligned) {
  const Trace trace = generate("many_holes");
  std::size_t tight = 0;
  std::size_t asks = 0;
  for (ObjectIndex i = 0; i < trace.objects.size(); ++i) {
    const bool ask = tag_of(trace, i) == "holes/aligned";
    EXPECT_EQ(trace.shape_of(i).alignment, ask ? 2048u : 0u);
    if (!ask) continue;
    ++asks;
    tight += trace.objects[i].size == kKiB ? 1u : 0u;
    EXPECT_GE(trace.objects[i].size, kKiB);
    EXPECT_LE(trace.objects[i].size, 2 * kKiB);
  }
  EXPECT_EQ(asks, 2000u);
  EXPECT_NEAR(static_cast<double>(tight) / static_cast<double>(asks), 0.75, 0.05);
}

class TightShares : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Percent, TightShares, ::testing::Values(0, 100));

TEST_P(TightShares, AreAllOrNothingAtTheirEnds) {
  const Trace trace = generate("many_holes", {{"tight_percent", GetParam()}});
  for (ObjectIndex i = 0; i < trace.objects.size(); ++i) {
    if (tag_of(trace, i) != "holes/aligned") continue;
    ASSERT_EQ(trace.objects[i].size == kKiB, GetParam() == 100) << trace.objects[i].size;
  }
}

TEST(ManyHoles, HolesAreMadeInBatchesAndFreesComeBetweenAsks) {
  const Trace trace = generate("many_holes");
  const TraceSummary summary = summarize(trace);
  EXPECT_EQ(summary.count(Op::batch), 102u);  // of 1000
  EXPECT_EQ(summary.count(Op::buffer), 2000u);
  const std::size_t kept = summary.snapshots.at("asked").objects.size() - summary.snapshots.at("holes").objects.size();
  EXPECT_NEAR(static_cast<double>(kept), 1000, 120);  // every second ask frees one
}

}  // namespace
}  // namespace vkmembench::testing
