#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

constexpr Bytes kBudget = 320 * kMiB;

// Bytes of evictable objects, which are what streams, and what the run does with them frame by frame.
struct Stream {
  std::vector<Bytes> resident_by_frame;
  std::vector<Bytes> in_by_frame;
  Bytes largest = 0;
};
Stream follow(const Trace& trace) {
  Stream stream;
  Bytes resident = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) {
      stream.resident_by_frame.push_back(resident);
      stream.in_by_frame.push_back(0);
    }
    if (event.object == kNoObject || !trace.shape_of(event.object).evictable) continue;
    const Bytes size = trace.objects[event.object].size;
    if (event.op == Op::buffer || event.op == Op::image) {
      resident += size;
      stream.in_by_frame.back() += size;
      stream.largest = std::max(stream.largest, size);
    }
    if (event.op == Op::free) resident -= size;
    stream.resident_by_frame.back() = std::max(stream.resident_by_frame.back(), resident);
  }
  return stream;
}

class Pressures : public ::testing::TestWithParam<double> {};
INSTANTIATE_TEST_SUITE_P(Shares, Pressures, ::testing::Values(0.5, 0.8, 1.0));

TEST_P(Pressures, KeepTheResidentSetWithinItsShare) {
  const Stream stream = follow(generate("dynamic_streaming", {{"pressure", GetParam()}}));
  const auto share = static_cast<Bytes>(static_cast<double>(kBudget) * GetParam()) + kMiB;
  EXPECT_LE(*std::max_element(stream.resident_by_frame.begin(), stream.resident_by_frame.end()), share);
}

TEST(DynamicStreaming, StatesTheBudgetAndItsDip) {
  const Trace trace = generate("dynamic_streaming");
  ASSERT_EQ(trace.budgets.size(), 3u);
  EXPECT_EQ(trace.budgets[0].bytes, kBudget);
  EXPECT_EQ(trace.budgets[1].bytes, kBudget * 3 / 4);
  EXPECT_EQ(trace.budgets[2].bytes, kBudget);
  for (const BudgetRequest& budget : trace.budgets) EXPECT_EQ(budget.heap, "device");
  const TraceSummary summary = summarize(trace);
  EXPECT_GT(summary.snapshots.at("before_dip").bytes, kBudget * 7 / 10);
  EXPECT_LE(summary.snapshots.at("after_dip").bytes, kBudget * 3 / 4 * 8 / 10 + kMiB);
}

TEST(DynamicStreaming, BringsInNoMoreThanItsRate) {
  constexpr std::size_t kFrames = 600;  // 10 s
  const double rate = 2.0 * kMiB;
  const Stream stream = follow(generate("dynamic_streaming", {{"bytes_per_second", rate}}));
  constexpr std::size_t kAfterFill = 100;
  Bytes window = 0;
  for (std::size_t frame = kAfterFill; frame < stream.in_by_frame.size(); ++frame) {
    window += stream.in_by_frame[frame];
    if (frame >= kAfterFill + kFrames) window -= stream.in_by_frame[frame - kFrames];
    // A second's credit and the largest asset may have been saved up.
    ASSERT_LE(window, static_cast<Bytes>(rate) * 11 + stream.largest) << "frame " << frame;
  }
}

TEST(DynamicStreaming, DefragmentsByRulesEveryTenSeconds) {
  const Trace trace = generate("dynamic_streaming");
  std::uint64_t frame = 0;
  std::uint64_t previous = 0;
  std::size_t count = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) frame = event.frame();
    if (event.op != Op::defragment) continue;
    if (count++ > 0) {
      EXPECT_EQ(frame - previous, 600u);
    }
    previous = frame;
    const DefragmentRequest& request = trace.defragments[event.request()];
    EXPECT_EQ(request.select, DefragmentSelect::rules);
    EXPECT_EQ(request.idle_frames, 300u);
    EXPECT_EQ(request.min_uses, 100u);
    EXPECT_EQ(request.min_size, kMiB);
  }
  EXPECT_EQ(count, 12u);
}

TEST(DynamicStreaming, UsesSomeObjectsMuchMoreThanOthers) {
  const Trace trace = generate("dynamic_streaming");
  std::map<ObjectIndex, std::size_t> touches;
  for (const Event& event : trace.events) {
    if (event.op == Op::touch) ++touches[event.object];
  }
  std::size_t often = 0;  // the candidate rule's 100 uses
  std::size_t seldom = 0;
  for (const auto& [object, count] : touches) {
    often += count > 100 ? 1u : 0u;
    seldom += count < 10 ? 1u : 0u;
  }
  EXPECT_GT(often, 20u);
  const auto hottest = std::max_element(touches.begin(), touches.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
  EXPECT_GT(hottest->second, trace.frame_count / 20) << "something belongs where access is fast";
  EXPECT_GT(seldom, often / 2);
}

TEST(DynamicStreaming, ALargeScaleFillsItsShareToo) {
  const TraceSummary summary = summarize(generate("dynamic_streaming", {{"scale", 20}}));
  EXPECT_GT(summary.snapshots.at("before_dip").bytes, 20 * kBudget * 7 / 10);
}

TEST(DynamicStreaming, TurnsTheResidentSetOver) {
  const Trace trace = generate("dynamic_streaming");
  const TraceSummary summary = summarize(trace);
  Bytes streamed = 0;
  for (const Bytes bytes : follow(trace).in_by_frame) streamed += bytes;
  EXPECT_GT(streamed, summary.snapshots.at("streamed").bytes * 3 / 2);
}

}  // namespace
}  // namespace vkmembench::testing
