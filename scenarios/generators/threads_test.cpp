#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

// `sizes` by its index in the parameter's choices: mixed, small, large.
constexpr double kSmall = 1;
constexpr double kLarge = 2;

// Sizes that a lane creates, in order.
std::vector<Bytes> creates_of(const Trace& trace, std::uint16_t lane) {
  std::vector<Bytes> sizes;
  for (const Event& event : trace.events) {
    if (event.op == Op::buffer && event.lane == lane) sizes.push_back(event.size());
  }
  return sizes;
}

class Lanes : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Counts, Lanes, ::testing::Values(1, 2, 4, 8, 16));

TEST_P(Lanes, AreAsManyAsAskedForAndAllWork) {
  const Trace trace = generate("threads", {{"lanes", GetParam()}});
  EXPECT_EQ(trace.lane_count, static_cast<std::uint32_t>(GetParam()));
  std::map<std::uint16_t, std::size_t> work;
  for (const Event& event : trace.events) {
    if (event.op == Op::buffer || event.op == Op::free) ++work[event.lane];
  }
  ASSERT_EQ(work.size(), static_cast<std::size_t>(GetParam()));
  for (const auto& [lane, events] : work) {
    EXPECT_GE(events, 3800u) << "lane " << lane;  // its operations, but what neither fits nor has anything to free
    EXPECT_LE(events, 5500u) << "lane " << lane;  // and the frees at the end
  }
}

TEST_P(Lanes, OfMoreLanesEachDoesTheSameWork) {
  const Trace alone = generate("threads", {{"lanes", 1}});
  const Trace many = generate("threads", {{"lanes", GetParam()}});
  EXPECT_EQ(creates_of(alone, 0), creates_of(many, 0));
}

class CrossFrees : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Percent, CrossFrees, ::testing::Values(0, 50, 100));

TEST_P(CrossFrees, AreDoneByTheNextLane) {
  const Trace trace = generate("threads", {{"cross_free_percent", GetParam()}});
  std::vector<std::uint16_t> creator(trace.objects.size());
  std::size_t frees = 0;
  std::size_t cross = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::snapshot && trace.strings[event.label()] == "worked") break;
    if (event.op == Op::buffer) creator[event.object] = event.lane;
    if (event.op != Op::free) continue;
    ++frees;
    if (event.lane == creator[event.object]) continue;
    ++cross;
    ASSERT_EQ(event.lane, (creator[event.object] + 1) % 4);
  }
  ASSERT_GT(frees, 1000u);
  EXPECT_NEAR(static_cast<double>(cross) / static_cast<double>(frees), GetParam() / 100.0, 0.03);
}

TEST(Threads, SizesAreTheMatrixs) {
  const auto tags_of = [](double sizes) {
    const Trace trace = generate("threads", {{"sizes", sizes}});
    std::set<std::string> tags;
    for (ObjectIndex i = 0; i < trace.objects.size(); ++i) {
      const Bytes size = trace.objects[i].size;
      const bool small = tag_of(trace, i) == "threads/small";
      EXPECT_TRUE(small ? size >= 16 && size <= kKiB : size >= 64 * kKiB && size <= 10 * kMiB) << size;
      tags.emplace(tag_of(trace, i));
    }
    return tags;
  };
  EXPECT_EQ(tags_of(0), (std::set<std::string>{"threads/small", "threads/large"}));
  EXPECT_EQ(tags_of(kSmall), (std::set<std::string>{"threads/small"}));
  EXPECT_EQ(tags_of(kLarge), (std::set<std::string>{"threads/large"}));
}

TEST(Threads, SnapshotsFollowABarrier) {
  const Trace trace = generate("threads");
  for (std::size_t i = 1; i < trace.events.size(); ++i) {
    if (trace.events[i].op != Op::snapshot || trace.strings[trace.events[i].label()] == "end") continue;
    EXPECT_EQ(trace.events[i - 1].op, Op::barrier);
  }
}

TEST(Threads, CapacitiesBoundEachLane) {
  const TraceSummary summary = summarize(generate("threads", {{"lanes", 8}}));
  EXPECT_LE(summary.live_peak_bytes, 8 * (96 * kMiB + 512 * kKiB));
  EXPECT_GT(summary.live_peak_bytes, 8 * 48 * kMiB);
}

}  // namespace
}  // namespace vkmembench::testing
