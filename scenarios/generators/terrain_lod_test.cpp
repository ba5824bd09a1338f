#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

// Surface textures by edge, as the trace's objects.
std::map<std::uint32_t, std::vector<ObjectIndex>> surfaces(const Trace& trace) {
  std::map<std::uint32_t, std::vector<ObjectIndex>> by_edge;
  for (ObjectIndex i = 0; i < trace.objects.size(); ++i) {
    if (tag_of(trace, i) == "terrain/surface") by_edge[trace.shape_of(i).extent.width].push_back(i);
  }
  return by_edge;
}

TEST(TerrainLod, ResolutionHalvesByRing) {
  const auto by_edge = surfaces(generate("terrain_lod"));
  std::set<std::uint32_t> edges;
  for (const auto& [edge, objects] : by_edge) edges.insert(edge);
  EXPECT_EQ(edges, (std::set<std::uint32_t>{64, 128, 256, 512, 1024}));
}

TEST(TerrainLod, LevelsAndResolutionFollowTheParameters) {
  const auto by_edge = surfaces(generate("terrain_lod", {{"lod_levels", 2}, {"base_resolution", 256}}));
  ASSERT_EQ(by_edge.size(), 2u);
  EXPECT_TRUE(by_edge.contains(256));
  EXPECT_TRUE(by_edge.contains(128));
}

TEST(TerrainLod, ATileIsHeightsIndicesAndSurface) {
  const Trace trace = generate("terrain_lod");
  std::map<std::string_view, std::size_t> count;
  for (ObjectIndex i = 0; i < trace.objects.size(); ++i) ++count[tag_of(trace, i)];
  EXPECT_GT(count["terrain/surface"], 100u);
  EXPECT_EQ(count["terrain/height"], count["terrain/surface"]);
  EXPECT_EQ(count["terrain/index"], count["terrain/surface"]);
}

TEST(TerrainLod, TilesComeAndGoDuringTheFlight) {
  const Trace trace = generate("terrain_lod");
  const TraceSummary summary = summarize(trace);
  const std::set<ObjectIndex>& midway = summary.snapshots.at("midway").objects;
  const std::set<ObjectIndex>& arrived = summary.snapshots.at("arrived").objects;
  std::size_t gone = 0;
  std::size_t kept = 0;
  for (const ObjectIndex object : midway) (arrived.contains(object) ? kept : gone)++;
  EXPECT_GT(gone, midway.size() / 20) << "the near rings are left behind";
  EXPECT_GT(kept, midway.size() / 4) << "the far rings stay";
}

TEST(TerrainLod, LoadsNoMoreTilesAFrameThanAllowed) {
  for (const double tiles : {1.0, 4.0, 9.0}) {
    const Trace trace = generate("terrain_lod", {{"tiles_per_frame", tiles}});
    std::uint64_t in_frame = 0;
    std::uint64_t most = 0;
    for (const Event& event : trace.events) {
      if (event.op == Op::frame) in_frame = 0;
      if (event.op == Op::image) most = std::max(most, ++in_frame);
    }
    EXPECT_EQ(most, static_cast<std::uint64_t>(tiles)) << "the first frames load all they may";
  }
}

TEST(TerrainLod, DefragmentsWhatItMarked) {
  const Trace trace = generate("terrain_lod");
  std::size_t marks = 0;
  std::size_t defragmentations = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::mark) ++marks;
    if (event.op != Op::defragment) continue;
    EXPECT_GT(marks, 0u);
    EXPECT_EQ(trace.defragments[event.request()].select, DefragmentSelect::marked);
    marks = 0;
    ++defragmentations;
  }
  EXPECT_EQ(defragmentations, 4u);
  EXPECT_EQ(marks, 0u) << "marks without a defragmentation";
}

TEST(TerrainLod, EveryVisibleTileIsTouchedWithinTheInterval) {
  const Trace trace = generate("terrain_lod", {{"touch_interval", 4}, {"keep_frames", 0}});
  // Without kept tiles, what lives is visible; order in a ring may shift by a tile, which doubles the wait at most.
  std::map<ObjectIndex, std::uint64_t> last;
  std::uint64_t frame = 0;
  std::uint64_t late = 0;
  std::uint64_t touches = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) frame = event.frame();
    if (event.op == Op::image) last[event.object] = frame;
    if (event.op == Op::free) last.erase(event.object);
    if (event.op != Op::touch || !trace.shape_of(event.object).image) continue;
    ++touches;
    if (frame - last.at(event.object) > 8) ++late;
    last[event.object] = frame;
  }
  EXPECT_GT(touches, 10'000u);
  EXPECT_LT(late * 50, touches);
}

TEST(TerrainLod, AFasterCameraLoadsMore) {
  const auto loaded = [](double speed) {
    return summarize(generate("terrain_lod", {{"speed_dm_per_frame", speed}})).created_bytes;
  };
  EXPECT_GT(loaded(40), loaded(10));
}

}  // namespace
}  // namespace vkmembench::testing
