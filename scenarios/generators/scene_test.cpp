// The shape of scene_loading and scene_switch.
#include "scenarios/generators/scene.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <vector>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

bool is_survivor(const Trace& trace, ObjectIndex object) { return tag_of(trace, object).starts_with("resident/"); }

TEST(SceneLoading, LoadsAsManyBuffersAndTexturesAsALevelHas) {
  const Trace trace = generate("scene_loading");
  const Holding loaded = summarize(trace).snapshots.at("loaded");
  std::size_t mesh_buffers = 0;
  std::size_t textures = 0;
  Bytes texture_bytes = 0;
  for (const ObjectIndex object : loaded.objects) {
    if (tag_of(trace, object).starts_with("mesh/")) ++mesh_buffers;
    if (!tag_of(trace, object).starts_with("texture/")) continue;
    ++textures;
    texture_bytes += trace.objects[object].size;
  }
  EXPECT_EQ(mesh_buffers, 3u * 530);
  EXPECT_EQ(textures, 540u);
  EXPECT_GT(texture_bytes, loaded.bytes / 2) << "textures hold most of a level's bytes";
}

TEST(SceneLoading, LoadsInBatchesSoManyBytesAFrame) {
  const Trace trace = generate("scene_loading", {{"load_bytes_per_frame", 4.0 * kMiB}});
  Bytes frame_bytes = 0;
  Bytes largest = 0;
  std::uint64_t batches = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::snapshot) break;
    if (event.op == Op::frame) frame_bytes = 0;
    if (event.op == Op::batch) {
      ++batches;
      EXPECT_LE(event.count(), 16u);
    }
    if (event.op != Op::upload) continue;
    EXPECT_LT(frame_bytes, 4 * kMiB) << "an upload after the frame's share is used up";
    frame_bytes += event.size();
    largest = std::max<Bytes>(largest, event.size());
  }
  EXPECT_EQ(batches, 3u * ((530 + 15) / 16));
  EXPECT_GT(largest, 21 * kMiB) << "a 4096 texel texture";
}

TEST(SceneLoading, RenderTargetsComeInSetsByScale) {
  const auto targets = [](double scale) {
    const Trace trace = generate("scene_loading", {{"scale", scale}});
    std::size_t count = 0;
    std::size_t transient = 0;
    for (ObjectIndex i = 0; i < trace.objects.size(); ++i) {
      count += tag_of(trace, i).starts_with("target/") ? 1u : 0u;
      transient += trace.shape_of(i).memory == MemoryUse::transient ? 1u : 0u;
    }
    EXPECT_EQ(transient * 3, count);
    return count;
  };
  EXPECT_EQ(targets(0.01), 6u);
  EXPECT_EQ(targets(1), 6u);
  EXPECT_EQ(targets(3), 18u);
}

class SceneSwitch : public ::testing::TestWithParam<double> {};
INSTANTIATE_TEST_SUITE_P(Scales, SceneSwitch, ::testing::Values(0.05, 1.0, 3.0));

TEST_P(SceneSwitch, SurvivorsAreManyAndSmall) {
  const Trace trace = generate("scene_switch", {{"scale", GetParam()}});
  const TraceSummary summary = summarize(trace);
  const Holding& before = summary.snapshots.at("before_switch");
  const Holding& unloaded = summary.snapshots.at("unloaded");
  EXPECT_LT(unloaded.bytes * 10, before.bytes) << "less than a tenth of the bytes survive";
  EXPECT_GT(unloaded.objects.size() * 5, before.objects.size()) << "more than a fifth of the objects survive";
  for (const ObjectIndex object : unloaded.objects) {
    EXPECT_TRUE(is_survivor(trace, object) || tag_of(trace, object).starts_with("frame/"));
  }
}

TEST_P(SceneSwitch, SurvivorsLieAmongWhatIsFreed) {
  const Trace trace = generate("scene_switch", {{"scale", GetParam()}});
  const std::set<ObjectIndex> before = summarize(trace).snapshots.at("before_switch").objects;
  const std::vector<ObjectIndex> order(before.begin(), before.end());  // of creation
  constexpr std::size_t kParts = 10;
  for (std::size_t part = 0; part < kParts; ++part) {
    const auto first = order.begin() + static_cast<std::ptrdiff_t>(order.size() * part / kParts);
    const auto last = order.begin() + static_cast<std::ptrdiff_t>(order.size() * (part + 1) / kParts);
    const auto survivors = std::count_if(first, last, [&](ObjectIndex object) { return is_survivor(trace, object); });
    // A small scene has parts that are one batch of meshes.
    if (GetParam() >= 1) {
      EXPECT_GT(survivors, 0) << "part " << part;
      EXPECT_LT(survivors, last - first) << "part " << part;
    }
  }
}

TEST_P(SceneSwitch, TheSecondSceneIsHalfTheFirst) {
  const TraceSummary summary = summarize(generate("scene_switch", {{"scale", GetParam()}}));
  const auto ratio = static_cast<double>(summary.snapshots.at("after_switch").bytes) /
                     static_cast<double>(summary.snapshots.at("before_switch").bytes);
  EXPECT_GT(ratio, 0.25);
  EXPECT_LT(ratio, 0.75);
}

TEST(SceneSwitchDefragmentation, IsBoundedAndHasTimeToConverge) {
  const Trace trace = generate("scene_switch");
  const TraceSummary summary = summarize(trace);
  ASSERT_EQ(trace.defragments.size(), 1u);
  EXPECT_EQ(trace.defragments[0].select, DefragmentSelect::all);
  EXPECT_EQ(trace.defragments[0].max_bytes_per_pass, 16 * kMiB);
  EXPECT_EQ(trace.defragments[0].max_moves_per_pass, 128u);
  const Holding& after_switch = summary.snapshots.at("after_switch");
  const Holding& after_defrag = summary.snapshots.at("after_defrag");
  const std::uint64_t passes = after_defrag.frame - after_switch.frame;
  EXPECT_LE(passes, 300u);
  EXPECT_GE(passes * 16 * kMiB, 2 * after_switch.bytes) << "enough passes to move every byte twice";
  EXPECT_EQ(after_defrag.objects, after_switch.objects);
}

}  // namespace
}  // namespace vkmembench::testing
