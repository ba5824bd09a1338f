#include <gtest/gtest.h>

#include <map>
#include <set>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

bool is_tile(const Trace& trace, ObjectIndex object) { return tag_of(trace, object) == "virtual/tile"; }

TEST(VirtualTexture, TilesAreSparseBlocksThatAreUploadedOnce) {
  const Trace trace = generate("virtual_texture");
  std::map<ObjectIndex, int> uploads;
  for (const Event& event : trace.events) {
    if (event.op == Op::buffer && is_tile(trace, event.object)) {
      EXPECT_EQ(event.size(), 64 * kKiB);
      uploads[event.object] = 0;
    }
    if (event.op == Op::upload && is_tile(trace, event.object)) ++uploads[event.object];
  }
  EXPECT_GT(uploads.size(), 3000u);
  for (const auto& [tile, count] : uploads) EXPECT_EQ(count, 1);
}

class PoolTiles : public ::testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Counts, PoolTiles, ::testing::Values(64u, 700u, 2048u));

TEST_P(PoolTiles, FillThePoolAndStayWithinIt) {
  const Trace trace = generate("virtual_texture", {{"pool_tiles", static_cast<double>(GetParam())}});
  std::uint64_t tiles = 0;
  std::uint64_t peak = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::buffer && is_tile(trace, event.object)) peak = std::max(peak, ++tiles);
    if (event.op == Op::free && is_tile(trace, event.object)) --tiles;
  }
  EXPECT_EQ(peak, GetParam());
}

TEST(VirtualTexture, UploadsNoMoreTilesAFrameThanAllowed) {
  for (const double allowed : {1.0, 5.0, 12.0}) {
    const Trace trace = generate("virtual_texture", {{"tiles_per_frame", allowed}});
    std::uint64_t in_frame = 0;
    std::uint64_t most = 0;
    for (const Event& event : trace.events) {
      if (event.op == Op::frame) in_frame = 0;
      if (event.op == Op::buffer && is_tile(trace, event.object)) most = std::max(most, ++in_frame);
    }
    EXPECT_EQ(most, static_cast<std::uint64_t>(allowed));
  }
}

// Touches are samples of what the cameras see: no tile may go in the frame of its touch while an older one stays.
TEST(VirtualTexture, EvictsWhatWasNotUsedForLong) {
  const Trace trace = generate("virtual_texture", {{"touch_interval", 1}});
  std::map<ObjectIndex, std::uint64_t> last_used;  // of the resident tiles
  std::uint64_t frame = 0;
  std::size_t evictions = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) frame = event.frame();
    if (event.op == Op::snapshot && trace.strings[event.label()] == "flown") break;
    if (event.object == kNoObject || !is_tile(trace, event.object)) continue;
    if (event.op == Op::buffer || event.op == Op::touch) last_used[event.object] = frame;
    if (event.op != Op::free) continue;
    const std::uint64_t age = frame - last_used[event.object];
    last_used.erase(event.object);
    ++evictions;
    EXPECT_GT(age, 0u);
    if (evictions % 64 == 0) {
      for (const auto& [tile, used] : last_used) EXPECT_LE(frame - used, age);
    }
  }
  EXPECT_GT(evictions, 500u);
}

TEST(VirtualTexture, ReadsFeedbackOfFramesThatAreOver) {
  for (const std::uint32_t frames_in_flight : {0u, 2u, 3u}) {
    const Trace trace = generate("virtual_texture", {}, 7, frames_in_flight);
    std::map<ObjectIndex, std::uint64_t> copied;
    std::uint64_t frame = 0;
    std::size_t reads = 0;
    for (const Event& event : trace.events) {
      if (event.op == Op::frame) frame = event.frame();
      if (event.op == Op::copy) copied[event.target()] = frame;
      if (event.op != Op::read || tag_of(trace, event.object) != "virtual/readback") continue;
      ++reads;
      ASSERT_TRUE(copied.contains(event.object));
      EXPECT_GT(frame, copied[event.object] + frames_in_flight);
    }
    EXPECT_GT(reads, 1000u);
  }
}

TEST(VirtualTexture, PageTablesAreUploadedAsTilesMove) {
  const Trace trace = generate("virtual_texture");
  std::map<ObjectIndex, std::size_t> uploads;
  for (const Event& event : trace.events) {
    if (event.op == Op::upload && tag_of(trace, event.object) == "virtual/page_table") ++uploads[event.object];
  }
  ASSERT_EQ(uploads.size(), 4u);
  for (const auto& [table, count] : uploads) EXPECT_GT(count, 100u);
}

}  // namespace
}  // namespace vkmembench::testing
