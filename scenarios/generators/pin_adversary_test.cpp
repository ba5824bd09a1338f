#include <gtest/gtest.h>

#include <vector>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

constexpr Bytes kConstants = 64 * kKiB;  // more than the frame loop's own buffers take

TEST(PinAdversary, EachStepLeavesASurvivorBehindWhatGoes) {
  const Trace trace = generate("pin_adversary");
  std::vector<Bytes> created;  // since the last frame
  std::vector<Bytes> freed;
  std::size_t steps = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::snapshot && trace.strings[event.label()] == "pinned") break;
    if (event.op == Op::buffer && tag_of(trace, event.object).starts_with("pin/")) {
      created.push_back(trace.objects[event.object].size);
    }
    if (event.op == Op::free) freed.push_back(trace.objects[event.object].size);
    if (event.op != Op::frame || created.empty()) continue;
    ASSERT_EQ(created, (std::vector<Bytes>{91 * kMiB, 91 * kMiB / 2, 2 * kMiB}));
    std::sort(freed.begin(), freed.end());
    ASSERT_EQ(freed, (std::vector<Bytes>{91 * kMiB / 2, 91 * kMiB}));
    created.clear();
    freed.clear();
    ++steps;
  }
  EXPECT_EQ(steps, 133u);
}

TEST(PinAdversary, OnlySurvivorsStay) {
  const TraceSummary summary = summarize(generate("pin_adversary"));
  const Bytes survivors = 266 * kMiB;
  EXPECT_GE(summary.snapshots.at("pinned").bytes, survivors);
  EXPECT_LE(summary.snapshots.at("pinned").bytes, survivors + kConstants);
  // The frees of a step are complete before the next: nothing more is ever held.
  EXPECT_LE(summary.held_peak_bytes, survivors + 91 * kMiB * 3 / 2 + kConstants);
}

TEST(PinAdversary, FreesOfShortStepsOverlap) {
  const Bytes held = summarize(generate("pin_adversary", {{"frames_per_step", 1}})).held_peak_bytes;
  EXPECT_GE(held, 266 * kMiB + 2 * (91 * kMiB * 3 / 2));
}

}  // namespace
}  // namespace vkmembench::testing
