// Every generator of the table, small, through every strategy with all checks on.
#include <gtest/gtest.h>

#include <filesystem>

#include "bench/replay/testing/replay_fixture.h"
#include "cmake/source_dir.h"
#include "scenarios/generators/generators.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

Scenario small_scenario(std::string_view generator) {
  Scenario scenario;
  scenario.file = "small.json";
  scenario.name = "small";
  scenario.seed = 7;
  scenario.workload = GeneratorCall{GeneratorArguments(*find_generator(generator)), "small.json"};
  apply_overrides(scenario.workload, {{"scale", "0.02"}});
  return scenario;
}
std::vector<std::string> generator_names() {
  std::vector<std::string> names;
  for (const Generator& generator : generators()) names.emplace_back(generator.name);
  return names;
}

class EveryGenerator : public testing::TestWithParam<std::tuple<std::string, std::string>> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryGenerator,
                         testing::Combine(testing::ValuesIn(generator_names()), testing::ValuesIn(preset_names())),
                         [](const auto& row) {
                           return test_name(std::get<0>(row.param)) + "_by_" + test_name(std::get<1>(row.param));
                         });
TEST_P(EveryGenerator, PassesAllChecksAndItsLastFramesAreACut) {
  const auto& [generator, strategy] = GetParam();
  const Scenario scenario = small_scenario(generator);
  const Trace trace = expand(scenario, {});
  ASSERT_GT(trace.frame_count, 3u);
  Stage stage(shipped_profile("nvidia-rtx-3090.json"));
  const Recording recording = stage.play(trace, strategy);
  expect_clean(recording, stage, strategy.starts_with("vma") ? "granularity" : "");
  EXPECT_TRUE(recording.failures.empty());
  const auto whole = stage.summary(trace, recording);
  EXPECT_EQ(count_of(whole, "alloc.failed_count"), 0u);
  EXPECT_EQ(count_of(whole, "alloc.count") + count_of(whole, "evict.reload_count"),
            count_of(whole, "free.count") + count_of(whole, "evict.count"));
  EXPECT_EQ(whole.series.frame.back(), trace.frame_count - 1);

  ScenarioOverrides overrides;
  overrides.frames = {trace.frame_count - 2, trace.frame_count - 1};
  const Trace cut = expand(scenario, overrides);
  EXPECT_NE(cut.hash, trace.hash);
  Stage other(shipped_profile("nvidia-rtx-3090.json"));
  const Recording last_frames = other.play(cut, strategy);
  expect_clean(last_frames, other, strategy.starts_with("vma") ? "granularity" : "");
  const auto part = other.summary(cut, last_frames);
  EXPECT_EQ(last_frames.frames.size(), 2u);
  EXPECT_EQ(part.series.frame, (std::vector<std::uint64_t>{trace.frame_count - 2, trace.frame_count - 1}));
  EXPECT_LE(count_of(part, "alloc.count"), count_of(whole, "alloc.count"));
  EXPECT_LE(count_of(part, "mem.reserved_peak_bytes"), count_of(whole, "mem.reserved_peak_bytes"));
  EXPECT_LE(count_of(part, "api.device_memory_objects_peak"), count_of(whole, "api.device_memory_objects_peak"));
  EXPECT_EQ(count_of(part, "mem.reserved_end_bytes"), count_of(whole, "mem.reserved_end_bytes"));
}

TEST(ShippedScenario, UploadsThroughTheRingOfCoreSpeed) {
  ScenarioOverrides overrides;
  overrides.frames = {0, 599};
  const std::filesystem::path file = source_dir() + "/scenarios/dynamic_streaming.json";
  const Trace trace = expand(load_scenario(file, overrides), overrides);
  const auto play = [&](const std::string& strategy) {
    Stage stage(shipped_profile("nvidia-rtx-3090.json"));
    Recording recording = stage.play(trace, strategy);
    expect_clean(recording, stage);
    EXPECT_EQ(count_of(stage.summary(trace, recording), "staging.reserved_peak_bytes"), recording.staging_peak);
    return recording;
  };
  const Recording ring = play("core-speed");
  const Recording buffers = play("core-speed{staging_ring_bytes=0}");
  EXPECT_EQ(ring.staging_peak, 16 * kMiB);
  EXPECT_NE(buffers.staging_peak, 16 * kMiB);
  EXPECT_GT(ring.copied_bytes, 32 * kMiB);  // round the ring, several times
  EXPECT_EQ(ring.copied_bytes, buffers.copied_bytes);
}

}  // namespace
}  // namespace vkmembench
