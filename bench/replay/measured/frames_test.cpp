// When frees complete, what a cut measures, and how a replay ends early.
#include <gtest/gtest.h>

#include <algorithm>

#include "allocator/base/error.h"
#include "bench/replay/testing/replay_fixture.h"
#include "bench/replay/testing/spy_strategy_fixture.h"

namespace vkmembench {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const Trace& trace, const ReplayOptions& options = replay_options()) {
  Stage stage(replay_profile());
  SpyStrategy::Log log;
  (void)stage.play(
      trace, [&](const Device&) { return std::make_unique<SpyStrategy>(log); }, options);
  return log.lines;
}

class FramesInFlight : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Table, FramesInFlight, testing::Values(0, 1, 2, 3, 7));

// One object a frame, freed in the frame it is made in.
TEST_P(FramesInFlight, AFreeCompletesAsItsFramePlusThemBegins) {
  const std::uint32_t in_flight = GetParam();
  constexpr std::uint32_t kFrames = 6;
  Story story(in_flight);
  Lines expected;
  for (std::uint32_t frame = 0; frame < kFrames; ++frame) {
    story.frame();
    if (in_flight != 0 && frame >= in_flight) expected.push_back("destroy " + std::to_string(frame - in_flight + 1));
    expected.push_back("frame " + std::to_string(frame));
    story.free(story.make(64));
    expected.push_back("create " + std::to_string(frame + 1));
    if (in_flight == 0) expected.push_back("destroy " + std::to_string(frame + 1));
  }
  if (in_flight != 0) {
    for (std::uint32_t frame = kFrames - std::min(kFrames, in_flight); frame < kFrames; ++frame)
      expected.push_back("destroy " + std::to_string(frame + 1));
  }
  const Trace trace = story.finish();
  EXPECT_EQ(lines_of(trace), expected);
  EXPECT_EQ(lines_of(trace, replay_options(true)), expected);  // one lane has one order
}

TEST_P(FramesInFlight, TheHarnessFreesTheRestAtTheEnd) {
  Story story(GetParam());
  story.frame();
  story.make(64);
  story.free(story.make(64));
  story.make(64);
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording = stage.play(trace, "dedicated");
  EXPECT_EQ(recording.unfreed_count, 2u);
  EXPECT_EQ(recording.lanes[0].free_count, 3u);
  expect_clean(recording, stage);
}

// At any moment the strategy holds what the trace holds plus what was freed in the last F frames.
TEST_P(FramesInFlight, PendingFreesStayLive) {
  Story story(GetParam());
  Random random(3);
  std::vector<ObjectIndex> live;
  for (int frame = 0; frame < 40; ++frame) {
    story.frame();
    for (std::uint64_t i = random.below(6); i > 0; --i) live.push_back(story.make(64));
    for (std::uint64_t i = random.below(6); i > 0 && !live.empty(); --i) {
      std::swap(live[random.below(live.size())], live.back());
      story.free(live.back());
      live.pop_back();
    }
  }
  const Trace trace = story.finish();
  SpyStrategy::Log log;
  std::vector<std::uint64_t> held;  // as each frame begins
  log.on_line = [&](const std::string& line) {
    if (line.starts_with("frame")) held.push_back(log.created - log.destroyed);
  };
  Stage stage(replay_profile());
  (void)stage.play(trace, [&](const Device&) { return std::make_unique<SpyStrategy>(log); });

  std::vector<std::uint64_t> expected;
  std::vector<std::uint64_t> frees;  // by frame
  std::uint64_t created = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) {
      std::uint64_t completed = 0;
      for (std::size_t f = 0; f < frees.size() && f + GetParam() <= frees.size(); ++f) completed += frees[f];
      expected.push_back(created - completed);
      frees.push_back(0);
    }
    created += event.op == Op::buffer;
    if (event.op == Op::free) ++frees.back();
  }
  EXPECT_EQ(held, expected);
}

TEST(Replay, AReusedIdIsAnotherObject) {
  Story story(2);
  const std::uint32_t shape = story.shape_for(MemoryUse::upload);
  story.frame();
  const ObjectIndex first = story.buffer(5, 64, shape);
  story.write(first, 0, 64);
  story.free(first);
  const ObjectIndex second = story.buffer(5, 128, shape);  // while the first is pending
  story.write(second, 0, 128);
  story.frame();
  story.read(second, 0, 128);
  story.free(second);
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  expect_clean(stage.play(trace, "core-default"), stage);
}

// Frame 0: ten objects; frame 2: gone; frame 3: one object.
Trace busy_then_quiet(std::uint64_t measure_from) {
  Story story(1);
  story.frame();
  std::vector<ObjectIndex> objects;
  for (int i = 0; i < 10; ++i) objects.push_back(story.make(1024, MemoryUse::upload));
  for (const ObjectIndex object : objects) story.upload(object, 1024);
  for (const ObjectIndex object : objects) story.write(object, 0, 1024);
  story.make_image(16, {VK_FORMAT_R64_SFLOAT});
  story.frame();
  for (const ObjectIndex object : objects) story.free(object);
  story.frame();
  story.frame();
  const ObjectIndex last = story.make(4096, MemoryUse::upload);
  story.upload(last, 512);
  story.frame();
  story.free(last);
  Trace trace = story.finish();
  trace.measure_from_frame = measure_from;
  return trace;
}

class Cut : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Table, Cut, testing::Bool(),
                         [](const auto& row) { return row.param ? "concurrent" : "ordered"; });
TEST_P(Cut, MeasuresFromItsFirstFrameOn) {
  const Trace whole = busy_then_quiet(0);
  const Trace cut = busy_then_quiet(3);
  Stage stage(replay_profile());
  const auto all = stage.summary(whole, stage.play(whole, "dedicated", replay_options(GetParam(), false)));
  EXPECT_EQ(count_of(all, "alloc.count"), 11u);
  EXPECT_EQ(count_of(all, "mem.reserved_peak_bytes"), 10240u);
  EXPECT_EQ(count_of(all, "copy.bytes"), 10u * 1024 + 512);
  EXPECT_EQ(count_of(all, "api.device_memory_objects_peak"), 10u);
  EXPECT_EQ(count_of(all, "staging.reserved_peak_bytes"), 10 * 64 * kKiB);
  EXPECT_EQ(all.series.frame.size(), 5u);

  Stage other(replay_profile());
  const Recording recording = other.play(cut, "dedicated", replay_options(GetParam(), false));
  const auto part = other.summary(cut, recording);
  EXPECT_EQ(count_of(part, "alloc.count"), 1u);
  EXPECT_EQ(count_of(part, "free.count"), 1u);
  EXPECT_EQ(count_of(part, "map.count"), 0u);
  EXPECT_EQ(count_of(part, "api.allocate_memory_count"), 1u);
  EXPECT_EQ(count_of(part, "api.device_memory_objects_peak"), 1u);
  EXPECT_EQ(count_of(part, "mem.reserved_peak_bytes"), 4096u);
  EXPECT_EQ(count_of(part, "mem.required_peak_bytes"), 4096u);
  EXPECT_EQ(count_of(part, "mem.pending_free_peak_bytes"), 4096u);
  EXPECT_EQ(count_of(part, "copy.bytes"), 512u);
  EXPECT_EQ(count_of(part, "trace.unfreed_count"), 0u);
  EXPECT_EQ(part.series.frame, (std::vector<std::uint64_t>{3, 4}));
  EXPECT_EQ(recording.frames.size(), 2u);
}

TEST(CutReplay, CountsWhatIsThereWhenItBegins) {
  const Trace cut = busy_then_quiet(1);
  Stage stage(replay_profile());
  const auto run = stage.summary(cut, stage.play(cut, "dedicated", replay_options(false, false)));
  EXPECT_EQ(count_of(run, "alloc.count"), 1u);
  EXPECT_EQ(count_of(run, "free.count"), 11u);
  EXPECT_EQ(count_of(run, "mem.reserved_peak_bytes"), 10240u);
  EXPECT_EQ(count_of(run, "api.device_memory_objects_peak"), 10u);
  EXPECT_EQ(count_of(run, "mem.pending_free_peak_bytes"), 10240u);
}

TEST(CutReplay, ModelTimeIsThatOfTheMeasuredCalls) {
  const Trace cut = busy_then_quiet(3);
  Stage stage(replay_profile(), true);
  const auto run = stage.summary(cut, stage.play(cut, "dedicated", replay_options(false, false)));
  EXPECT_EQ(count_of(run, "model.driver_ns"), 1000u + 10 + 500);  // one allocation, one buffer, one free
}

Trace long_trace(std::uint64_t events, bool frames) {
  Story story(2);
  const std::uint32_t shape = story.shape_for(MemoryUse::device);
  for (std::uint64_t i = 0; i < events / 2; ++i) {
    if (frames && i % 100 == 0) story.frame();
    const ObjectIndex made = story.buffer(i, 64 + i % 1000, shape);
    if (i % 2 == 0) story.free(made);
  }
  return story.finish();
}

struct EarlyEnd {
  const char* name;
  bool concurrent;
  bool frames;
};
class EndsEarly : public testing::TestWithParam<EarlyEnd> {};
INSTANTIATE_TEST_SUITE_P(Table, EndsEarly,
                         testing::Values(EarlyEnd{"ordered", false, true}, EarlyEnd{"without_frames", false, false},
                                         EarlyEnd{"concurrent", true, true}),
                         [](const auto& row) { return row.param.name; });
TEST_P(EndsEarly, AtASignal) {
  const Trace trace = long_trace(40000, GetParam().frames);
  for (const char* strategy : {"null", "core-default"}) {
    DeviceProfile profile = replay_profile();
    profile.limits.maxMemoryAllocationCount = 4096;
    Stage stage(profile);
    StopFlag stop;
    ReplayOptions options;
    options.settings.concurrent = GetParam().concurrent;
    options.settings.check = true;
    options.stop = &stop;
    std::uint64_t reached = 0;
    int shown = 0;
    options.progress = [&](std::uint64_t events_done) {
      if (++shown != 3) return;
      stop.raise_signal(2);
      reached = events_done;
    };
    const Recording recording = stage.play(trace, strategy, options);
    EXPECT_EQ(recording.end, ReplayEnd::interrupted);
    EXPECT_TRUE(recording.violation_counts.empty());
    const auto run = stage.summary(trace, recording);
    EXPECT_EQ(run.status, Status::interrupted);
    ASSERT_TRUE(run.events_done);
    EXPECT_GE(*run.events_done, reached);
    EXPECT_LE(*run.events_done, reached + 2) << "not an event more";
    const std::uint64_t served = count_of(run, "alloc.count");
    EXPECT_LT(served, trace.objects.size());
    EXPECT_GT(served, 0u);
    EXPECT_LT(count_of(run, "free.count"), served);
    ASSERT_NE(run.metric("leak.count"), nullptr);
    EXPECT_FALSE(as_number(*run.metric("leak.count")));
    EXPECT_NE(run.metric("leak.count")->reason, "");
    // What was not reached is no load.
    EXPECT_LT(count_of(run, "mem.requested_peak_bytes"), served * 1064);
    EXPECT_FALSE(run.series.frame.size() > 1 && run.series.frame.back() > trace.frame_count);
  }
}

TEST_P(EndsEarly, AtOnceWhenItsTimeIsOver) {
  const Trace trace = long_trace(100, GetParam().frames);
  Stage stage(replay_profile());
  ReplayOptions options;
  options.settings.concurrent = GetParam().concurrent;
  StopFlag stop;
  stop.raise(StopReason::timeout);
  options.stop = &stop;
  const Recording recording = stage.play(trace, "core-default", options);
  EXPECT_EQ(recording.end, ReplayEnd::timeout);
  EXPECT_EQ(recording.events_done, 0u);
  expect_clean(recording, stage);
  const auto run = stage.summary(trace, recording);
  EXPECT_EQ(run.status, Status::timeout);
  EXPECT_EQ(count_of(run, "alloc.count"), 0u);
}

TEST(Replay, ATimeNotOverIsNoMatter) {
  const Trace trace = long_trace(10000, true);
  Stage stage(replay_profile());
  StopFlag stop;
  ReplayOptions options;
  options.stop = &stop;
  const Recording recording = stage.play(trace, "null", options);
  EXPECT_EQ(recording.end, ReplayEnd::done);
  EXPECT_EQ(recording.events_done, trace.events.size());
}

// An Error from within leaves no abort behind: the strategy goes as it does at any end.
class ErrorWithin : public testing::TestWithParam<std::tuple<std::string, bool>> {};
INSTANTIATE_TEST_SUITE_P(Table, ErrorWithin,
                         testing::Combine(testing::Values("dedicated", "vma", "core-default"), testing::Bool()),
                         [](const auto& row) {
                           return test_name(std::get<0>(row.param)) + (std::get<1>(row.param) ? "_concurrent" : "");
                         });
TEST_P(ErrorWithin, IsPassedOn) {
  const auto& [strategy, concurrent] = GetParam();
  for (const bool check : {false, true}) {
    Story story(1);
    story.frame();
    const ObjectIndex first = story.make(1000);
    story.upload(first, 1000);
    story.free(story.make(500, MemoryUse::upload));
    story.lane(1);
    story.make(2000);
    story.lane(0);
    story.frame();
    story.budget({"9", false, 1, 0});
    story.make(64);
    const Trace trace = story.finish();
    Stage stage(replay_profile());
    ReplayOptions options;
    options.settings.concurrent = concurrent;
    options.settings.check = check;
    try {
      (void)stage.play(trace, strategy, options);
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), "budget of heap 9: the device has heaps 0 to 1");
    }
    EXPECT_EQ(stage.leaks().total(), 0u);
    stage.faults.fail(EntryPoint::queue_submit, 1, VK_ERROR_DEVICE_LOST);
    const Recording recording = stage.play(trace, strategy, options);
    EXPECT_EQ(recording.end, ReplayEnd::device_lost);
    expect_clean(recording, stage);
  }
}

}  // namespace
}  // namespace vkmembench
