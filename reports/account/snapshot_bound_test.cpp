#include "reports/account/snapshot_bound.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "reports/account/memory_account_fixture.h"

namespace vkmembench {
namespace {

Snapshot snapshot_of(std::size_t blocks, std::size_t spans_each) {
  Snapshot snapshot;
  for (std::size_t i = 0; i < blocks; ++i) {
    SnapshotBlock& block = snapshot.blocks.emplace_back();
    block.id = static_cast<std::uint32_t>(i);
    block.size_bytes = 1000 * (1 + i % 7);
    for (std::size_t j = 0; j < spans_each; ++j) block.spans.push_back({100 * j, 1 + (j * 31 + i) % 50, "buffer", 0});
  }
  return snapshot;
}
std::size_t spans_in(const Snapshot& snapshot) {
  std::size_t count = 0;
  for (const SnapshotBlock& block : snapshot.blocks) count += block.spans.size();
  return count;
}

class Bounds : public testing::TestWithParam<std::tuple<std::size_t, std::size_t, std::size_t>> {};

TEST_P(Bounds, KeepTheLargestAndCountTheRest) {
  const auto& [blocks, spans, rows] = GetParam();
  const Snapshot whole = snapshot_of(blocks, spans);
  Snapshot kept = whole;
  bound_snapshot(kept, rows);
  EXPECT_LE(snapshot_rows(kept), rows);
  EXPECT_EQ(kept.blocks.size() + kept.blocks_dropped, blocks);
  EXPECT_EQ(spans_in(kept) + kept.spans_dropped, blocks * spans);
  if (snapshot_rows(whole) <= rows) {
    EXPECT_EQ(kept.spans_dropped, 0u);
  } else if (spans_in(kept) > 0 && kept.blocks_dropped == 0) {
    EXPECT_EQ(snapshot_rows(kept), rows);
  }
  // What stays keeps its order.
  for (const SnapshotBlock& block : kept.blocks) {
    if (block.spans.empty()) continue;
    EXPECT_TRUE(std::is_sorted(block.spans.begin(), block.spans.end(),
                               [](const auto& a, const auto& b) { return a.offset < b.offset; }));
  }
}

INSTANTIATE_TEST_SUITE_P(Table, Bounds,
                         testing::Combine(testing::Values(0u, 1u, 10u, 300u), testing::Values(0u, 1u, 40u),
                                          testing::Values(0u, 1u, 3u, 4u, 100u, 1000u, 100'000u)));

TEST(Bounds, SayWhereDroppedSpansLay) {
  Snapshot snapshot = snapshot_of(2, 0);
  snapshot.blocks[0].size_bytes = 5000;
  snapshot.blocks[0].spans = {{0, 10, "buffer", 0}, {10, 5, "buffer", 0}, {20, 200, "image", 0}, {300, 4, "buffer", 0}};
  snapshot.blocks[1].spans = {{50, 100, "buffer", 0}};
  bound_snapshot(snapshot, 8);  // room for two spans
  ASSERT_EQ(snapshot.spans_dropped, 3u);
  const auto ranges = [](const SnapshotBlock& block) {
    std::vector<std::pair<Offset, Bytes>> out;
    for (const SnapshotRange& range : block.used) out.emplace_back(range.offset, range.size);
    return out;
  };
  EXPECT_EQ(ranges(snapshot.blocks[0]), (std::vector<std::pair<Offset, Bytes>>{{0, 15}, {20, 200}, {300, 4}}));
  EXPECT_TRUE(snapshot.blocks[1].used.empty());  // whole

  // Bounded again, nothing of what was dropped before is forgotten; the smallest gap closes.
  bound_snapshot(snapshot, 5);
  EXPECT_EQ(ranges(snapshot.blocks[0]), (std::vector<std::pair<Offset, Bytes>>{{0, 220}, {300, 4}}));
}

TEST(Bounds, BoundTheUsedRanges) {
  Snapshot snapshot = snapshot_of(10, 400);
  bound_snapshot(snapshot, 100);
  std::size_t ranges = 0;
  for (const SnapshotBlock& block : snapshot.blocks) {
    ranges += block.used.size();
    EXPECT_FALSE(block.used.empty());
    for (const SnapshotSpan& span : block.spans) {
      EXPECT_TRUE(std::ranges::any_of(block.used, [&](const SnapshotRange& range) {
        return range.offset <= span.offset && span.offset + span.size <= range.offset + range.size;
      }));
    }
  }
  EXPECT_EQ(ranges, 50u);
}

TEST(Bounds, DropTheSmallestSpans) {
  Snapshot snapshot = snapshot_of(1, 0);
  for (const Bytes size : {5u, 1u, 9u, 5u, 5u, 2u}) snapshot.blocks[0].spans.push_back({0, size, "image", 0});
  bound_snapshot(snapshot, 6);
  ASSERT_EQ(snapshot.blocks[0].spans.size(), 3u);
  EXPECT_EQ(snapshot.blocks[0].spans[0].size, 5u);
  EXPECT_EQ(snapshot.blocks[0].spans[1].size, 9u);
  EXPECT_EQ(snapshot.blocks[0].spans[2].size, 5u);
  EXPECT_EQ(snapshot.spans_dropped, 3u);
}

TEST(Bounds, WhatSmallSnapshotsLeaveGoesToLargeOnes) {
  std::vector<Snapshot> snapshots = {snapshot_of(1, 500), snapshot_of(1, 7), snapshot_of(1, 500)};
  bound_snapshots(snapshots, 110);
  EXPECT_EQ(snapshot_rows(snapshots[0]), 50u);
  EXPECT_EQ(snapshot_rows(snapshots[1]), 10u);
  EXPECT_EQ(snapshot_rows(snapshots[2]), 50u);
  EXPECT_EQ(snapshots[1].spans_dropped, 0u);
}

TEST(Snapshots, AreTheMapByBlockAndOffset) {
  const DeviceInfo device = two_heaps();
  MemoryAccount::Options options;
  options.pool_names = {"", "textures"};
  MemoryAccount account(device, options);
  account.block_added(block(8), 1000, 2, false);
  account.block_added(block(4), 500, 0, false);
  PlacedObject image = object_at(block(8), 600, 100);
  image.image = true;
  image.tag = 3;
  image.pool = 1;
  account.placed(0, image);
  account.placed(1, object_at(block(8), 0, 100));
  account.snapshot("loaded", 7);
  account.removed(0);
  account.snapshot("loaded", 9);
  account.snapshot("", 9);
  vkmembench::Run run;
  account.finish(run, "");

  ASSERT_EQ(run.snapshots.size(), 3u);
  const Snapshot& first = run.snapshots[0];
  EXPECT_EQ(first.label, "loaded");
  EXPECT_EQ(first.frame, 7u);
  ASSERT_EQ(first.blocks.size(), 2u);
  EXPECT_EQ(first.blocks[0].id, 0u);
  EXPECT_EQ(first.blocks[0].type, 2u);
  EXPECT_EQ(first.blocks[0].heap, 1u);
  EXPECT_EQ(first.blocks[0].pool, "textures");
  EXPECT_EQ(first.blocks[0].size_bytes, 1000u);
  ASSERT_EQ(first.blocks[0].spans.size(), 2u);
  EXPECT_EQ(first.blocks[0].spans[0].offset, 0u);
  EXPECT_EQ(first.blocks[0].spans[0].kind, "buffer");
  EXPECT_EQ(first.blocks[0].spans[1].offset, 600u);
  EXPECT_EQ(first.blocks[0].spans[1].kind, "image");
  EXPECT_EQ(first.blocks[0].spans[1].tag_index, 3u);
  EXPECT_TRUE(first.blocks[1].spans.empty());

  // Labels are scopes of the ratio, so each is there once.
  EXPECT_EQ(run.snapshots[1].label, "loaded#2");
  EXPECT_EQ(run.snapshots[2].label, "snapshot");
  EXPECT_EQ(value_of(run, "mem.reserved_over_live_at_ratio", "loaded"), 7.5);
  EXPECT_EQ(value_of(run, "mem.reserved_over_live_at_ratio", "loaded#2"), 15.0);
  EXPECT_EQ(value_of(run, "mem.reserved_over_live_at_ratio", "snapshot"), 15.0);
}

TEST(Snapshots, MayBeLeftOutButTheirRatioStays) {
  const DeviceInfo device = two_heaps();
  MemoryAccount::Options options;
  options.keep_snapshots = false;
  MemoryAccount account(device, options);
  account.block_added(block(1), 1000, 0, false);
  account.placed(0, object_at(block(1), 0, 100));
  account.snapshot("now", 0);
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_TRUE(run.snapshots.empty());
  EXPECT_EQ(value_of(run, "mem.reserved_over_live_at_ratio", "now"), 10.0);
}

}  // namespace
}  // namespace vkmembench
