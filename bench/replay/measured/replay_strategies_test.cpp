// Every strategy on every shipped device, on random traces that hold every op, with all checks on.
#include <gtest/gtest.h>

#include <algorithm>

#include "bench/replay/testing/replay_fixture.h"
#include "reports/json/report_json.h"
#include "scenarios/random/random_trace_test.h"

namespace vkmembench {
namespace {

struct Course {
  std::string strategy;
  std::string profile;
};
void PrintTo(const Course& course, std::ostream* out) { *out << course.strategy << " on " << course.profile; }

// On one device of each kind of memory.
std::vector<Course> all_courses() {
  std::vector<Course> courses;
  for (const char* profile : {"amd-rx-6600.json", "arm-mali-g7x.json", "nvidia-quadro-k620.json"})
    for (const std::string& strategy : preset_names()) courses.push_back({strategy, profile});
  return courses;
}

// A random trace; a budget of heap 1 becomes one of the host's where the device has one heap only.
Trace random_trace_for(const DeviceProfile& profile, std::uint64_t seed, std::size_t events) {
  Trace trace = random_trace(seed, events);
  for (BudgetRequest& budget : trace.budgets) {
    if (budget.heap == "1" && profile.memory.memoryHeapCount == 1) budget.heap = "host";
  }
  return trace;
}

class EveryStrategy : public testing::TestWithParam<Course> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryStrategy, testing::ValuesIn(all_courses()), [](const auto& row) {
  return test_name(row.param.strategy) + "_on_" + test_name(row.param.profile);
});

// VMA 3.2.1 breaks bufferImageGranularity above 256 bytes; see GranularityOnMali.
std::string known_violation(const std::string& strategy) { return strategy.starts_with("vma") ? "granularity" : ""; }

TEST_P(EveryStrategy, PassesAllChecksOnRandomTraces) {
  const DeviceProfile profile = shipped_profile(GetParam().profile);
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    const Trace trace = random_trace_for(profile, seed, 300);
    Stage stage(profile);
    const Recording recording = stage.play(trace, GetParam().strategy);
    expect_clean(recording, stage, known_violation(GetParam().strategy));
    EXPECT_EQ(recording.end, ReplayEnd::done);
    EXPECT_TRUE(recording.failures.empty());
    const auto run = stage.summary(trace, recording);
    std::uint64_t creates = 0;
    for (const TraceObject& object : trace.objects) creates += object.shape != kHostShape;
    const std::uint64_t served = count_of(run, "alloc.count");
    const auto refused_resizes =
        static_cast<std::uint64_t>(std::ranges::count_if(recording.lanes[0].refusals, [&](const Refusal& refusal) {
          return trace.events[refusal.event].op == Op::resize;
        }));
    EXPECT_EQ(served + count_of(run, "alloc.failed_count") + count_of(run, "alloc.unsupported_count"),
              creates + refused_resizes);
    // What is evicted and not used again is freed by nobody else.
    const bool evicts = std::ranges::any_of(
        recording.changes, [](const PlacementChange& change) { return change.kind == ChangeKind::evicted; });
    EXPECT_LE(count_of(run, "free.count"), served);
    if (!evicts) {
      EXPECT_EQ(count_of(run, "free.count"), served);
    }
    // What an alias shares is required until it goes; one that got memory of its own keeps nothing of its owner's.
    const std::uint64_t unshared = recording.lanes[0].unshared_alias_count;
    if (GetParam().strategy != "null" && !evicts && unshared == 0 && count_of(run, "alloc.failed_count") == 0) {
      EXPECT_GE(count_of(run, "mem.reserved_peak_bytes"), count_of(run, "mem.required_peak_bytes"));
    }
  }
}

TEST_P(EveryStrategy, AnswersTheSameUnderTheModelClockEachTime) {
  const DeviceProfile profile = shipped_profile(GetParam().profile);
  const Trace trace = random_trace_for(profile, 11, 300);
  const auto once = [&](bool check) {
    Stage stage(profile, true);
    const Recording recording = stage.play(trace, GetParam().strategy, replay_options(false, check));
    Report report;
    report.device = *stage.raw.info;
    report.runs.push_back(stage.summary(trace, recording));
    return to_json(report);
  };
  EXPECT_EQ(once(false), once(false));
  EXPECT_EQ(once(true), once(true));
}

TEST_P(EveryStrategy, IsToldOfTheSameLoad) {
  const DeviceProfile profile = shipped_profile(GetParam().profile);
  const Trace trace = random_trace_for(profile, 5, 300);
  Stage stage(profile);
  Stage other(profile);
  const auto floor = other.summary(trace, other.play(trace, "null", replay_options(false, false)));
  const auto run = stage.summary(trace, stage.play(trace, GetParam().strategy, replay_options(false, false)));
  for (const char* id : {"mem.required_peak_bytes", "mem.requested_peak_bytes", "mem.pending_free_peak_bytes",
                         "alloc.unsupported_count"})
    EXPECT_EQ(count_of(run, id), count_of(floor, id)) << id;
}

// The gaps end in a page of buffers; see Granularity of the allocator's tests.
class GranularityOnMali : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Table, GranularityOnMali, testing::ValuesIn(preset_names()),
                         [](const auto& row) { return test_name(row.param); });
TEST_P(GranularityOnMali, IsBrokenByVmaAlone) {
  DeviceProfile profile = shipped_profile("arm-mali-g7x.json");  // granularity 4096, images aligned to less
  Story story;
  std::vector<ObjectIndex> gaps;
  for (int i = 0; i < 30; ++i) {
    story.make(2048);
    gaps.push_back(story.make(3072));
    story.make(3072);
  }
  for (const ObjectIndex gap : gaps) story.free(gap);
  for (int i = 0; i < 30; ++i) story.make_image(8);
  const Trace trace = story.finish();
  Stage stage(profile);
  const Recording recording = stage.play(trace, GetParam());
  expect_clean(recording, stage, known_violation(GetParam()));
  EXPECT_EQ(recording.violation_counts.contains("granularity"), GetParam().starts_with("vma"));
  const auto run = stage.summary(trace, recording);
  EXPECT_EQ(count_of(run, "check.violation_count") > 0, GetParam().starts_with("vma"));
  EXPECT_EQ(run.checks.violations.empty(), !GetParam().starts_with("vma"));
}

// What comes with a strategy is there before the first event, and may go with it.
TEST(Replay, ABlockMadeBeforehandMayGoInTheFirstFrame) {
  Story story;
  story.frame();
  for (int i = 0; i < 20; ++i) {
    story.make(1000);
    story.frame();
  }
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording = stage.play(trace,
                                         "core-default{prewarm_blocks=4,keep_empty_blocks=0,keep_empty_ratio=0,min_"
                                         "block_bytes=1MiB,max_block_bytes=1MiB}");
  expect_clean(recording, stage);
  EXPECT_GT(recording.memory.size(), 4u);
  const auto run = stage.summary(trace, recording);
  EXPECT_EQ(count_of(run, "leak.count"), 0u);
  EXPECT_GE(count_of(run, "mem.reserved_peak_bytes"), 4 * kMiB);
}

// Timed or not, the trace does the same.
class EveryTiming : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryTiming, testing::Bool());
TEST_P(EveryTiming, CountsTheSame) {
  const Trace trace = random_trace_for(replay_profile(), 6, 400);
  for (const bool concurrent : {false, true}) {
    ReplayOptions options = replay_options(concurrent, false);
    options.settings.timing = GetParam();
    Stage stage(replay_profile());
    Story quiet;  // concurrent lanes share no bytes here
    for (int i = 0; i < 10; ++i) quiet.free(quiet.make(100));
    const Trace& played = concurrent ? quiet.finish() : trace;
    const Recording recording = stage.play(played, "dedicated", options);
    expect_clean(recording, stage);
    std::uint64_t creates = 0;
    std::uint64_t timed = 0;
    for (const LaneRecord& lane : recording.lanes) {
      creates += lane.create_count;
      for (const Histogram& histogram : lane.latency) timed += histogram.count();
      EXPECT_EQ(lane.operation_driver_ticks != 0, GetParam());
      EXPECT_EQ(lane.operation_ticks != 0, GetParam());
    }
    EXPECT_GT(creates, 9u);
    EXPECT_EQ(timed != 0, GetParam());
  }
}

}  // namespace
}  // namespace vkmembench
