// Every planted fault is found by random traces and shrunk to a few events.
#include "bench/stress/shrink.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "allocator/testing/planted_faults_fixture.h"
#include "bench/replay/testing/replay_fixture.h"
#include "scenarios/random/random_trace.h"

namespace vkmembench {
namespace {

constexpr std::uint64_t kMostTrials = 60;
constexpr std::size_t kFewEvents = 20;

// In a process of its own, as `stress` does it: some toys crash on other traces than those they are known by.
bool shows(const Trace& trace, const PlantedFault& fault) {
  const pid_t child = fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(0);
    Stage stage(planted_profile());
    const Recording recording = stage.play(trace, [&](const Device& device) { return make_toy(device, fault.bug); });
    _exit(recording.violation_counts.contains(std::string(violation_name(fault.kind))) ? 1 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

class ShrunkFaults : public testing::TestWithParam<PlantedFault> {};
INSTANTIATE_TEST_SUITE_P(Table, ShrunkFaults, testing::ValuesIn(planted_faults().begin(), planted_faults().end()),
                         [](const auto& row) { return std::string(row.param.name); });
TEST_P(ShrunkFaults, AreFoundAndTakeFewEvents) {
  Trace failing;
  for (std::uint64_t seed = 1; seed <= kMostTrials && failing.events.empty(); ++seed) {
    Trace trace = random_trace({.seed = seed, .events = 600, .max_live_bytes = 16 * kMiB});
    if (shows(trace, GetParam())) failing = std::move(trace);
  }
  ASSERT_FALSE(failing.events.empty()) << "not found in " << kMostTrials << " traces";
  int replays = 0;
  const Shrunk shrunk = shrink(
      failing,
      [&](const Trace& trace) {
        ++replays;
        return shows(trace, GetParam());
      },
      [] { return false; });
  EXPECT_TRUE(shrunk.whole);
  EXPECT_TRUE(shows(shrunk.trace, GetParam()));
  EXPECT_LE(shrunk.trace.events.size(), kFewEvents);
  RecordProperty("events", static_cast<int>(shrunk.trace.events.size()));
  RecordProperty("replays", replays);
}

Trace three_buffers() {
  Story story(2);
  story.lane(3);
  for (int i = 0; i < 3; ++i) story.touch(story.make(1000 + static_cast<Bytes>(i), MemoryUse::dynamic));
  story.make_batch({10, 20, 5000, 30});
  return story.finish();
}

TEST(Shrink, LeavesOutAndSimplifiesWhatDoesNotMatter) {
  const Shrunk shrunk = shrink(
      three_buffers(),
      [](const Trace& trace) {
        return std::ranges::any_of(trace.objects, [](const TraceObject& object) { return object.size >= 4000; });
      },
      [] { return false; });
  EXPECT_TRUE(shrunk.whole);
  ASSERT_EQ(shrunk.trace.events.size(), 1u);
  EXPECT_EQ(shrunk.trace.events[0].op, Op::buffer);
  EXPECT_EQ(shrunk.trace.objects[0].size, 4096u);
  EXPECT_EQ(shrunk.trace.shapes[0].memory, MemoryUse::device);
  EXPECT_EQ(shrunk.trace.lane_count, 1u);
  EXPECT_EQ(shrunk.trace.frames_in_flight, 0u);
}

TEST(Shrink, SaysWhenTimeWasUp) {
  int looks = 0;
  const Shrunk shrunk = shrink(
      three_buffers(), [](const Trace&) { return true; }, [&] { return ++looks > 2; });
  EXPECT_FALSE(shrunk.whole);
  EXPECT_FALSE(shrunk.trace.events.empty());
}

// What fails by luck stays as it is.
TEST(Shrink, KeepsWhatDoesNotFailAgain) {
  const Trace trace = three_buffers();
  const Shrunk shrunk = shrink(
      trace, [](const Trace&) { return false; }, [] { return false; });
  EXPECT_FALSE(shrunk.whole);
  EXPECT_EQ(shrunk.trace.hash, trace.hash);
}

}  // namespace
}  // namespace vkmembench
