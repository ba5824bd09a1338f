#include <gtest/gtest.h>

#include <set>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

constexpr Bytes kCap = 768 * kMiB;
constexpr Bytes kSmall = 2 * kMiB + 17;
constexpr Bytes kLarge = 32 * kMiB + 17;
constexpr Bytes kFrameLoop = 128 * kKiB;  // more than the frame loop's own buffers take

std::size_t count_of_size(const Trace& trace, const Holding& holding, Bytes size) {
  return static_cast<std::size_t>(std::count_if(holding.objects.begin(), holding.objects.end(),
                                                [&](ObjectIndex o) { return trace.objects[o].size == size; }));
}

TEST(OffByABit, SizesPassTheirPowersOfTwoByTheExcess) {
  for (const Bytes excess : {Bytes{0}, Bytes{17}, Bytes{4097}}) {
    const Trace trace = generate("off_by_a_bit", {{"excess_bytes", static_cast<double>(excess)}});
    std::set<Bytes> sizes;
    for (ObjectIndex i = 0; i < trace.objects.size(); ++i) {
      if (tag_of(trace, i).starts_with("off/")) sizes.insert(trace.objects[i].size);
    }
    EXPECT_EQ(sizes, (std::set<Bytes>{2 * kMiB + excess, 32 * kMiB + excess}));
  }
}

TEST(OffByABit, EndIsTheMixedFullState) {
  const Trace trace = generate("off_by_a_bit");
  const TraceSummary summary = summarize(trace);
  for (const char* label : {"small", "small_again"}) {
    const Holding& small = summary.snapshots.at(label);
    EXPECT_EQ(count_of_size(trace, small, kSmall), kCap / kSmall) << label;
    EXPECT_EQ(count_of_size(trace, small, kLarge), 0u) << label;
  }
  for (const char* label : {"mixed", "end"}) {
    const Holding& mixed = summary.snapshots.at(label);
    EXPECT_EQ(count_of_size(trace, mixed, kLarge), kCap / 2 / kLarge) << label;
    EXPECT_GT(mixed.bytes, kCap - kSmall - kLarge) << label;
    EXPECT_LE(mixed.bytes, kCap + kFrameLoop) << label;
  }
  EXPECT_TRUE(summary.snapshots.at("empty").objects.empty());
}

// What is freed for room is gone before the room is taken, so the cap bounds what a device holds.
TEST(OffByABit, NeverHoldsMoreThanTheCap) {
  EXPECT_LE(summarize(generate("off_by_a_bit")).held_peak_bytes, kCap + kFrameLoop);
}

TEST(OffByABit, VictimsAreRandom) {
  const Trace trace = generate("off_by_a_bit", {{"rounds", 1}});
  std::size_t neighbours = 0;
  std::size_t frees = 0;
  ObjectIndex last = kNoObject;
  for (const Event& event : trace.events) {
    if (event.op == Op::snapshot && trace.strings[event.label()] == "end") break;
    if (event.op != Op::free) continue;
    neighbours += last != kNoObject && (event.object == last + 1 || last == event.object + 1) ? 1u : 0u;
    last = event.object;
    ++frees;
  }
  EXPECT_GT(frees, 150u);
  EXPECT_LT(neighbours, frees / 10);
}

}  // namespace
}  // namespace vkmembench::testing
