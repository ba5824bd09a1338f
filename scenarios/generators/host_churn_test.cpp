#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

TEST(HostChurn, CategoriesAreOfDifferentDepth) {
  const Trace trace = generate("host_churn");
  std::set<std::size_t> depths;
  for (const Event& event : trace.events) {
    if (event.op != Op::host_alloc) continue;
    std::size_t depth = 1;
    const std::string& category = trace.strings[event.category()];
    for (std::size_t at = category.find("::"); at != std::string::npos; at = category.find("::", at + 2)) ++depth;
    depths.insert(depth);
  }
  EXPECT_EQ(depths, (std::set<std::size_t>{1, 2, 3, 4, 5}));
}

class HostCrossFrees : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Percent, HostCrossFrees, ::testing::Values(0, 50, 100));

TEST_P(HostCrossFrees, AreDoneByTheNextLane) {
  const Trace trace = generate("host_churn", {{"cross_free_percent", GetParam()}});
  std::vector<std::uint16_t> creator(trace.objects.size());
  double frees = 0;
  double cross = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::snapshot) break;
    if (event.op == Op::host_alloc) creator[event.object] = event.lane;
    if (event.op != Op::host_free) continue;
    ++frees;
    if (event.lane == creator[event.object]) continue;
    ++cross;
    ASSERT_EQ(event.lane, (creator[event.object] + 1) % 4);
  }
  ASSERT_GT(frees, 1000);
  EXPECT_NEAR(cross / frees, GetParam() / 100.0, 0.03);
}

TEST(HostChurn, LiveAllocationsAreBoundedAndAllFreed) {
  const Trace trace = generate("host_churn", {{"live_per_lane", 50}});
  std::size_t live = 0;
  std::size_t most = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::host_alloc) most = std::max(most, ++live);
    if (event.op == Op::host_free) --live;
  }
  EXPECT_LE(most, 4u * 50u);
  EXPECT_GE(most, 4u * 40u);
  EXPECT_EQ(live, 0u);
}

TEST(HostChurn, BuffersTakeTheirShare) {
  const auto share = [](int percent) {
    const Trace trace = generate("host_churn", {{"buffers_percent", percent}});
    const auto of = [&](Op op) {
      return static_cast<double>(
          std::count_if(trace.events.begin(), trace.events.end(), [&](const Event& event) { return event.op == op; }));
    };
    return of(Op::buffer) / (of(Op::buffer) + of(Op::host_alloc));
  };
  EXPECT_EQ(share(0), 0);
  EXPECT_NEAR(share(10), 0.1, 0.02);
  EXPECT_EQ(share(100), 1);
}

}  // namespace
}  // namespace vkmembench::testing
