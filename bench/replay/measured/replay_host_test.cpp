// Host memory of a replay: what is counted, and on what.
#include <gtest/gtest.h>

#include <algorithm>

#include "bench/replay/record/host_account.h"
#include "bench/replay/testing/replay_fixture.h"
#include "scenarios/generators/generators.h"

namespace vkmembench {
namespace {

ReplayOptions tracking(bool concurrent = false) {
  ReplayOptions options = replay_options(concurrent);
  options.settings.host_tracking = true;
  return options;
}

const HostMemoryRow* find_category(const Run& run, const std::string& category) {
  const auto& rows = run.host_memory.value().categories;
  const auto row = std::ranges::find(rows, category, &HostMemoryRow::category);
  return row == rows.end() ? nullptr : &*row;
}

// Three buffers at once, and CPU memory in two categories, one of which the trace never frees.
Trace small_story() {
  Story story(1);
  story.frame();
  const ObjectIndex kept = story.host_alloc(100, 1000, "Renderer::Textures");
  static_cast<void>(story.host_alloc(101, 500, "Renderer"));
  std::vector<ObjectIndex> buffers;
  for (int i = 0; i < 3; ++i) buffers.push_back(story.make(4096));
  story.frame();
  story.host_free(kept);
  for (const ObjectIndex buffer : buffers) story.free(buffer);
  story.frame();
  return story.finish();
}

TEST(HostTracking, BooksTheTracesMemoryByCategoryAndLane) {
  Stage stage(replay_profile());
  const Trace trace = small_story();
  const Recording recording = stage.play(trace, "vma", tracking());
  expect_clean(recording, stage);
  EXPECT_EQ(recording.unfreed_count, 1u);
  const auto run = stage.summary(trace, recording);
  const HostMemoryRow* outer = find_category(run, "trace::Renderer");
  const HostMemoryRow* inner = find_category(run, "trace::Renderer::Textures");
  ASSERT_NE(outer, nullptr);
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(outer->live_bytes, 1500u);
  EXPECT_EQ(outer->live_count, 2u);
  EXPECT_EQ(outer->allocated_bytes, 1500u);
  EXPECT_EQ(outer->freed_count, 2u);
  EXPECT_EQ(inner->allocated_bytes, 1000u);
  const auto& places = run.host_memory->places;
  EXPECT_TRUE(std::ranges::any_of(places, [](const HostMemoryRow& row) {
    return row.category == "trace::Renderer::Textures" && row.file == "lane" && row.line == 0;
  }));
}

TEST(HostTracking, CountsTheStrategysBooksAtTheMostLiveAllocations) {
  Stage stage(replay_profile());
  const Trace trace = small_story();
  const Recording recording = stage.play(trace, "vma", tracking());
  EXPECT_EQ(recording.host.peak_count, 3u);
  const auto run = stage.summary(trace, recording);
  const HostMemoryRow* metadata = find_category(run, "metadata");
  ASSERT_NE(metadata, nullptr);
  EXPECT_GT(metadata->live_bytes, 0u);
  EXPECT_DOUBLE_EQ(ratio_of(run, "host.bytes_per_allocation"), static_cast<double>(metadata->live_bytes) / 3);
  EXPECT_EQ(count_of(run, "host.peak_bytes"), metadata->peak_bytes);
  EXPECT_GE(metadata->peak_bytes, metadata->live_bytes);
  EXPECT_NE(find_category(run, "strategy::object::create_buffer"), nullptr);
  EXPECT_EQ(find_category(run, "trace")->live_bytes, 1500u);  // and is no part of the metadata
}

TEST(HostTracking, IsOffUnlessAskedFor) {
  Stage stage(replay_profile());
  const Trace trace = small_story();
  const Recording recording = stage.play(trace, "vma");
  expect_clean(recording, stage);
  EXPECT_EQ(recording.unfreed_count, 1u);
  const auto run = stage.summary(trace, recording);
  EXPECT_FALSE(run.host_memory.has_value());
  EXPECT_EQ(run.metric("host.peak_bytes"), nullptr);
}

class HostOfStrategy : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Table, HostOfStrategy, testing::ValuesIn(preset_names()),
                         [](const auto& row) { return test_name(row.param); });

TEST_P(HostOfStrategy, KeepsBooksThereAndGivesEverythingBack) {
  Stage stage(replay_profile());
  Story story(2);
  Random random(3);
  std::vector<ObjectIndex> live;
  for (int frame = 0; frame < 30; ++frame) {
    story.frame();
    for (int i = 0; i < 40; ++i) {
      if (live.empty() || random.chance(0.6)) {
        live.push_back(random.chance(0.8) ? story.make(1 + random.below(100'000)) : story.make_image(32));
        continue;
      }
      std::swap(live[random.below(live.size())], live.back());
      story.free(live.back());
      live.pop_back();
    }
  }
  const Trace trace = story.finish();
  const Recording recording = stage.play(trace, GetParam(), tracking());
  expect_clean(recording, stage);
  EXPECT_EQ(recording.host.at_peak.counts(kStrategyMetadata).live_bytes() > 0, GetParam() != "null");
  EXPECT_EQ(recording.host.at_end.counts(kMetadata).live_bytes(), 0u);
  EXPECT_TRUE(stage.summary(trace, recording).host_memory->leaks.empty());
}

TEST(HostTracking, ConcurrentLanesFreeEachOthersMemory) {
  Stage stage(replay_profile());
  Story story(1);
  constexpr std::uint16_t kLanes = 4;
  story.frame();
  std::uint64_t id = 1000;
  for (int frame = 0; frame < 20; ++frame) {
    for (std::uint16_t lane = 0; lane < kLanes; ++lane) {
      for (int i = 0; i < 20; ++i) {
        story.lane(lane);
        const ObjectIndex memory = story.host_alloc(id++, 64, i % 2 == 0 ? "A" : "A::B");
        story.lane(static_cast<std::uint16_t>((lane + i) % kLanes));
        story.host_free(memory);
      }
    }
    story.lane(0);
    story.frame();
  }
  const Trace trace = story.finish();
  const Recording recording = stage.play(trace, "core-arenas", tracking(true));
  expect_clean(recording, stage);
  const HostCounts counts = recording.host.at_end.counts("trace::A");
  EXPECT_EQ(counts.allocated_count, 1600u);
  EXPECT_EQ(counts.live_bytes(), 0u);
  EXPECT_EQ(recording.host.at_end.counts("trace::A::B").allocated_bytes, 800u * 64);
}

TEST(HostTracking, NoPeakIsBelowWhatIsLive) {
  Stage stage(replay_profile());
  Story story(1);
  constexpr std::uint16_t kLanes = 4;
  story.frame();
  for (std::uint64_t i = 0; i < 200; ++i) {
    story.lane(static_cast<std::uint16_t>(i % kLanes));
    static_cast<void>(story.make(4096));
    static_cast<void>(story.host_alloc(1000 + i, 100, "A"));
  }
  story.lane(0);
  story.frame();
  const Trace trace = story.finish();
  for (const char* strategy : {"core-default", "dedicated", "vma"}) {
    const Recording recording = stage.play(trace, strategy, tracking(true));
    const auto run = stage.summary(trace, recording);
    for (const auto* rows : {&run.host_memory->categories, &run.host_memory->places})
      for (const HostMemoryRow& row : *rows)
        EXPECT_GE(row.peak_bytes, row.live_bytes) << strategy << ' ' << row.category << ' ' << row.file << row.line;
    for (const HostMemoryRow& row : run.host_memory->places)
      EXPECT_LE(row.peak_bytes, row.allocated_bytes) << strategy << ' ' << row.category << ' ' << row.file << row.line;
    EXPECT_EQ(find_category(run, "trace::A")->live_bytes, 20'000u);
  }
}

TEST(HostTracking, ManyCategoriesOfTheTraceLeaveRoomForTheBooks) {
  Stage stage(replay_profile());
  Story story(1);
  story.frame();
  constexpr std::uint64_t kCategories = 1500;
  for (std::uint64_t i = 0; i < kCategories; ++i)
    static_cast<void>(story.host_alloc(1000 + i, 64, "A::" + std::to_string(i)));
  static_cast<void>(story.make(4096));
  story.frame();
  const Trace trace = story.finish();
  for (const char* strategy : {"vma", "core-default", "dedicated"}) {
    const Recording recording = stage.play(trace, strategy, tracking());
    const std::uint64_t folded = recording.host.folded_categories;
    EXPECT_EQ(folded, kCategories + 2 - HostAccount::kTraceCategories);  // "trace" and "trace::A" are categories too
    const auto run = stage.summary(trace, recording);
    EXPECT_EQ(find_category(run, "(other)")->allocated_bytes, folded * 64);
    EXPECT_EQ(find_category(run, "trace")->allocated_bytes, (kCategories - folded) * 64);
    EXPECT_NE(find_category(run, "strategy::object::create_buffer"), nullptr);
    EXPECT_GT(ratio_of(run, "host.bytes_per_allocation"), 0.0);
  }
}

TEST(HostTracking, MemoryThatCannotBeHadIsCounted) {
  Stage stage(replay_profile());
  Story story;
  const ObjectIndex huge = story.host_alloc(1, Bytes{1} << 60, "A");
  story.host_free(huge);
  const Trace trace = story.finish();
  for (const bool tracked : {false, true}) {
    ReplayOptions options = replay_options();
    options.settings.host_tracking = tracked;
    const Recording recording = stage.play(trace, "null", options);
    EXPECT_EQ(recording.lanes[0].skipped[static_cast<std::size_t>(Skip::refused)], 2u);
  }
}

}  // namespace
}  // namespace vkmembench
