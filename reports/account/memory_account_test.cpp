#include "reports/account/memory_account.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "reports/account/memory_account_fixture.h"
#include "reports/model/metric_table.h"

namespace vkmembench {
namespace {

// Worked out by hand. Frame 0: three objects, r 90 190 50, q 100 200 64, c 128 256 64, the first two in a block of
// 1000, the last in a dedicated 64. Frame 1: the second is freed but in flight. Frame 2: it is gone, and a fourth of r
// 30, q c 32 leaves holes of 384 and 456. At the end everything goes, and the dedicated memory too.
Run small_run() {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  account.load_added(90, 100);
  account.block_added(block(1), 1000, 0, false);
  account.placed(0, {.memory = block(1), .offset = 0, .requested = 90, .required = 100, .charged = 128});
  account.load_added(190, 200);
  account.placed(1, {.memory = block(1), .offset = 128, .requested = 190, .required = 200, .charged = 256});
  account.load_added(50, 64);
  account.block_added(block(2), 64, 1, true);
  account.placed(2, {.memory = block(2),
                     .requested = 50,
                     .required = 64,
                     .charged = 64,
                     .memory_type = 1,
                     .dedicated = true,
                     .fallback = true});
  EXPECT_EQ(account.reserved(), 1064u);
  account.capture_peak();
  account.frame_ended(0, 111);
  account.free_pending(190);
  account.frame_ended(1, 222);
  account.free_completed(190);
  account.load_removed(190, 200);
  account.removed(1);
  account.load_added(30, 32);
  account.placed(3, {.memory = block(1), .offset = 512, .requested = 30, .required = 32, .charged = 32});
  account.frame_ended(2, 333);
  account.removed(0);
  account.removed(2);
  account.block_removed(block(2));
  account.removed(3);
  account.load_removed(170, 196);
  account.ended();
  vkmembench::Run run;
  account.finish(run, "");
  return run;
}

struct Hand {
  const char* id;
  double value;
};
class SmallRun : public testing::TestWithParam<Hand> {};

TEST_P(SmallRun, MatchesTheHand) {
  const vkmembench::Run run = small_run();
  EXPECT_DOUBLE_EQ(value_of(run, GetParam().id), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    Metrics, SmallRun,
    testing::Values(Hand{"mem.requested_peak_bytes", 330}, Hand{"mem.required_peak_bytes", 364},
                    Hand{"mem.pending_free_peak_bytes", 190}, Hand{"mem.charged_peak_bytes", 448},
                    Hand{"mem.reserved_peak_bytes", 1064}, Hand{"mem.reserved_end_bytes", 1000},
                    Hand{"mem.reserved_over_live_ratio", 1064.0 / 364.0},
                    Hand{"mem.waste_byte_frames", (1064 - 364) + (1064 - 364) + (1064 - 196)},
                    Hand{"mem.retention_ratio", 1000.0 / 1064.0}, Hand{"mem.stranded_bytes.worst", 1000},
                    Hand{"mem.stranded_bytes.end", 1000}, Hand{"frag.internal_ratio", 84.0 / 448.0},
                    Hand{"frag.driver_padding_ratio", 34.0 / 364.0}, Hand{"frag.external_ratio", 0},
                    Hand{"frag.external_ratio.mean", 384.0 / 840.0 / 3.0},
                    Hand{"frag.external_ratio.max", 384.0 / 840.0}, Hand{"frag.rss_ratio", 0},
                    Hand{"block.count_peak", 1}, Hand{"dedicated.count_peak", 1}, Hand{"dedicated.bytes_peak", 64},
                    Hand{"fallback.count", 1}, Hand{"fallback.bytes", 64},
                    Hand{"placement.preferred_ratio", 332.0 / 396.0}, Hand{"budget.over_frames_count", 0},
                    Hand{"budget.over_max_bytes", 0}, Hand{"budget.over_byte_frames", 0}),
    [](const auto& row) { return identifier(row.param.id); });

TEST(MemoryAccount, EveryMetricHasARowAndIsThereOnce) {
  const vkmembench::Run run = small_run();
  for (const MetricValue& metric : run.metrics) {
    const MetricInfo* row = find_metric(metric.id);
    ASSERT_NE(row, nullptr) << metric.id;
    EXPECT_TRUE(metric.scope_kind.empty() || metric.scope_kind == row->scope) << metric.id;
    EXPECT_EQ(run.metric(metric.id, metric.scope), &metric) << metric.id;
    EXPECT_EQ(as_number(metric).has_value(), metric.reason.empty()) << metric.id;
  }
}

TEST(MemoryAccount, SeriesOfTheSmallRun) {
  const vkmembench::Run run = small_run();
  EXPECT_EQ(run.series.frame, (std::vector<std::uint64_t>{0, 1, 2}));
  const auto column = [&](const std::string& id) {
    for (const Series::Column& each : run.series.columns) {
      if (each.id == id) return each.last;
    }
    return std::vector<double>{};
  };
  using Values = std::vector<double>;
  EXPECT_EQ(column("mem.reserved_bytes"), (Values{1064, 1064, 1064}));
  EXPECT_EQ(column("mem.required_bytes"), (Values{364, 364, 196}));
  EXPECT_EQ(column("mem.charged_bytes"), (Values{448, 448, 224}));
  EXPECT_EQ(column("frag.external_ratio"), (Values{0, 0, 0.457143}));
  EXPECT_EQ(column("alloc.live_count"), (Values{3, 3, 3}));
  EXPECT_EQ(column("time.frame_ns"), (Values{111, 222, 333}));
  EXPECT_EQ(column("heap.0.reserved_bytes"), (Values{1000, 1000, 1000}));
  EXPECT_EQ(column("heap.1.reserved_bytes"), (Values{64, 64, 64}));
  EXPECT_EQ(column("heap.0.budget_bytes"), (Values{900 * 1048576.0, 900 * 1048576.0, 900 * 1048576.0}));
}

// Free ranges of 10 and 226 MiB in type 0, 40 and 40 MiB in type 1.
TEST(MemoryAccount, FragmentationOfFourHoles) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  account.block_added(block(1), 256 * kMiB, 0, false);
  account.block_added(block(2), 100 * kMiB, 1, false);
  account.placed(0, object_at(block(1), 0, 10 * kMiB));
  account.placed(1, object_at(block(1), 20 * kMiB, 10 * kMiB));
  account.placed(2, object_at(block(2), 40 * kMiB, 20 * kMiB));
  account.capture_peak();
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_DOUBLE_EQ(value_of(run, "frag.external_ratio"), 50.0 / 316.0);
  EXPECT_DOUBLE_EQ(value_of(run, "frag.rss_ratio"), 1.0 - std::sqrt(100.0 + 226.0 * 226.0 + 2 * 1600.0) / 316.0);
  EXPECT_DOUBLE_EQ(value_of(run, "frag.placeability_ratio", "64 KiB"), 1.0);
  EXPECT_DOUBLE_EQ(value_of(run, "frag.placeability_ratio", "1 MiB"), 1.0);
  EXPECT_DOUBLE_EQ(value_of(run, "frag.placeability_ratio", "8 MiB"), (8.0 + 224.0 + 80.0) / 316.0);
  EXPECT_DOUBLE_EQ(value_of(run, "frag.placeability_ratio", "64 MiB"), 192.0 / 316.0);

  ASSERT_EQ(run.types.size(), 2u);
  EXPECT_EQ(run.types[0].name, "0");
  EXPECT_EQ(run.types[0].unused_range_count, 2u);
  EXPECT_EQ(run.types[0].unused_range_bytes_max, 226 * kMiB);
  EXPECT_EQ(run.types[0].allocation_count, 2u);
  EXPECT_EQ(run.types[0].allocation_bytes, 20 * kMiB);
  EXPECT_EQ(run.types[0].block_bytes, 256 * kMiB);
  ASSERT_EQ(run.heaps.size(), 2u);
  EXPECT_EQ(run.heaps[1].block_count, 1u);
  EXPECT_EQ(run.heaps[1].budget_bytes, 500 * kMiB);
  EXPECT_TRUE(run.pools.empty());
}

TEST(MemoryAccount, WithoutFreeBytesThereIsNoFragmentation) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  account.block_added(block(1), kMiB, 0, false);
  account.placed(0, object_at(block(1), 0, kMiB));
  account.capture_peak();
  account.frame_ended(0, 0);
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_EQ(value_of(run, "frag.external_ratio"), 0.0);
  EXPECT_EQ(value_of(run, "frag.external_ratio.max"), 0.0);
  EXPECT_EQ(value_of(run, "frag.rss_ratio"), 0.0);
  EXPECT_EQ(reason_of(run, "frag.placeability_ratio", "8 MiB"), "no free bytes at peak reserve");
}

TEST(MemoryAccount, AliasesCoverBytesOnceAndCountOnce) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  account.block_added(block(1), 1000, 0, false);
  account.placed(0, object_at(block(1), 100, 400));
  PlacedObject alias = object_at(block(1), 300, 300);
  alias.alias = true;
  alias.fallback = true;
  account.placed(1, alias);
  account.capture_peak();  // free: [0,100) and [600,1000)
  account.frame_ended(0, 0);
  account.removed(0);  // free: [0,300) and [600,1000)
  account.frame_ended(1, 0);
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_DOUBLE_EQ(value_of(run, "frag.external_ratio"), 100.0 / 500.0);
  EXPECT_DOUBLE_EQ(value_of(run, "frag.external_ratio.max"), 300.0 / 700.0);
  EXPECT_EQ(value_of(run, "mem.charged_peak_bytes"), 400.0);
  EXPECT_EQ(value_of(run, "mem.waste_byte_frames"), 600.0 + 1000.0);
  EXPECT_EQ(value_of(run, "fallback.count"), 0.0);
  EXPECT_EQ(run.types[0].allocation_count, 2u);
}

TEST(MemoryAccount, StrandedIsWhatBlocksWithoutObjectsReserve) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  for (std::uint64_t i = 1; i <= 3; ++i) {
    account.block_added(block(i), 100 * i, 0, false);
    account.placed(static_cast<std::uint32_t>(i), object_at(block(i), 0, 10));
  }
  account.frame_ended(0, 0);
  account.removed(1);
  account.removed(3);
  account.frame_ended(1, 0);  // 100 + 300
  account.block_removed(block(3));
  account.frame_ended(2, 0);
  account.placed(1, object_at(block(1), 50, 10));
  account.removed(2);
  account.ended();
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_EQ(value_of(run, "mem.stranded_bytes.worst"), 400.0);
  EXPECT_EQ(value_of(run, "mem.stranded_bytes.end"), 200.0);
  EXPECT_EQ(value_of(run, "block.count_peak"), 3.0);
  EXPECT_EQ(value_of(run, "mem.retention_ratio"), 0.5);
}

TEST(MemoryAccount, BudgetsAreComparedAtFrameEnds) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  account.block_added(block(1), 600 * kMiB, 0, false);
  account.block_added(block(2), 100 * kMiB, 1, false);
  account.frame_ended(0, 0);  // 600 of 900, 100 of 500
  account.budget_changed(0, 450 * kMiB);
  account.frame_ended(1, 0);  // 150 over
  account.budget_changed(1, 60 * kMiB);
  account.frame_ended(2, 0);  // 150 and 40 over
  account.budget_changed(0, 600 * kMiB);
  account.budget_changed(1, 100 * kMiB);
  account.frame_ended(3, 0);  // just within
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_EQ(value_of(run, "budget.over_frames_count"), 2.0);
  EXPECT_EQ(value_of(run, "budget.over_max_bytes"), 190.0 * kMiB);
  EXPECT_EQ(value_of(run, "budget.over_byte_frames"), 340.0 * kMiB);
}

TEST(MemoryAccount, PoolsOfOneNameCountTogether) {
  const DeviceInfo device = two_heaps();
  MemoryAccount::Options options;
  options.pool_names = {"", "small", "large", "small"};
  MemoryAccount account(device, options);
  const auto place = [&](std::uint32_t number, std::uint64_t in, std::uint16_t pool, Bytes size) {
    PlacedObject placement = object_at(block(in), 0, size);
    placement.required = size - 1;
    placement.pool = pool;
    account.placed(number, placement);
  };
  account.block_added(block(1), 1000, 0, false);
  account.block_added(block(2), 2000, 1, false);
  account.block_added(block(3), 4000, 0, false);
  account.block_added(block(4), 8000, 0, false);  // never used: no pool's
  place(1, 1, 1, 11);
  place(2, 2, 3, 21);
  place(3, 3, 2, 31);
  account.capture_peak();
  account.removed(1);
  account.block_removed(block(1));
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_EQ(value_of(run, "pool.reserved_peak_bytes", "small"), 3000.0);
  EXPECT_EQ(value_of(run, "pool.live_peak_bytes", "small"), 30.0);
  EXPECT_EQ(value_of(run, "pool.reserved_peak_bytes", "large"), 4000.0);
  EXPECT_EQ(value_of(run, "pool.live_peak_bytes", "large"), 30.0);
  EXPECT_EQ(run.metric("pool.reserved_peak_bytes", "default"), nullptr);
  ASSERT_EQ(run.pools.size(), 2u);
  EXPECT_EQ(run.pools[0].name, "small");
  EXPECT_EQ(run.pools[0].block_count, 2u);
  EXPECT_EQ(run.pools[0].allocation_bytes, 32u);
}

TEST(MemoryAccount, AMoveIsNoPlacement) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  account.block_added(block(1), 1000, 0, false);
  account.block_added(block(2), 1000, 1, false);
  account.placed(0, object_at(block(1), 0, 100));
  PlacedObject elsewhere = object_at(block(2), 0, 100);
  elsewhere.fallback = true;
  account.moved(0, elsewhere);
  account.block_removed(block(1));
  account.capture_peak();
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_EQ(value_of(run, "fallback.count"), 0.0);
  EXPECT_EQ(value_of(run, "placement.preferred_ratio"), 1.0);
  EXPECT_EQ(run.heaps[1].allocation_count, 1u);
  EXPECT_EQ(run.heaps[0].block_count, 0u);
}

TEST(MemoryAccount, DedicatedIsSettledByThePlacement) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  for (std::uint64_t i = 1; i <= 4; ++i) account.block_added(block(i), 100, 0, i == 4);
  for (std::uint64_t i = 1; i <= 4; ++i) {
    PlacedObject placement = object_at(block(i), 0, 100);
    placement.dedicated = i != 1;
    account.placed(static_cast<std::uint32_t>(i), placement);
  }
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_EQ(value_of(run, "block.count_peak"), 1.0);
  EXPECT_EQ(value_of(run, "dedicated.count_peak"), 3.0);
  EXPECT_EQ(value_of(run, "dedicated.bytes_peak"), 300.0);
}

// 150 of 200 bytes that the trace holds are served, all at once only while 120 are.
TEST(MemoryAccount, WhereSomethingIsLeftOutTheRatioIsOverTheRest) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  account.block_added(block(1), 300, 0, false);
  for (const Bytes required : {Bytes{50}, Bytes{30}, Bytes{70}, Bytes{50}}) account.load_added(required, required);
  account.placed(0, object_at(block(1), 0, 50));
  account.placed(1, object_at(block(1), 50, 70));
  account.removed(0);
  account.placed(2, object_at(block(1), 0, 30));
  vkmembench::Run run;
  account.finish(run, "2 refused of 4 requests");
  EXPECT_EQ(value_of(run, "mem.reserved_over_live_ratio"), 300.0 / 120.0);
  EXPECT_EQ(run.metric("mem.reserved_over_live_ratio")->note, "2 refused of 4 requests");
  EXPECT_EQ(value_of(run, "mem.required_peak_bytes"), 200.0);
}

TEST(MemoryAccount, WhereNothingIsServedThereIsNoRatio) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  account.load_added(10, 16);
  vkmembench::Run run;
  account.finish(run, "1 refused of 1 request");
  EXPECT_EQ(reason_of(run, "mem.reserved_over_live_ratio"), "no memory was served");
  EXPECT_EQ(value_of(run, "mem.required_peak_bytes"), 16.0);
}

TEST(MemoryAccount, MemoryWithoutAPreferredPropertyIsNotThePreferred) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  account.block_added(block(1), 1000, 0, false);
  PlacedObject object = object_at(block(1), 0, 100);
  account.placed(0, object);
  object = object_at(block(1), 100, 300);
  object.unmet = true;
  account.placed(1, object);
  object = object_at(block(1), 400, 400);
  object.fallback = object.unmet = true;
  account.placed(2, object);
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_EQ(value_of(run, "placement.preferred_ratio"), 100.0 / 800.0);
  EXPECT_EQ(value_of(run, "fallback.count"), 1.0);
}

// A heap's budget of 0 or above its size says nothing: 80 % of the heap count.
TEST(MemoryAccount, UnknownBudgetsAreFourFifthsOfTheirHeaps) {
  DeviceInfo device = two_heaps();
  device.budgets = {0, ~Bytes{0}};
  MemoryAccount account(device, {});
  account.block_added(block(1), 900 * kMiB, 0, false);
  account.block_added(block(2), 410 * kMiB, 1, false);
  account.frame_ended(0, 0);
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_EQ(value_of(run, "budget.over_max_bytes"),
            static_cast<double>(900 * kMiB - kGiB / 10 * 8 - kGiB % 10 * 8 / 10 + 410 * kMiB - 429'496'729));
}

// A snapshot that drops blocks still says how much there is.
TEST(MemoryAccount, SnapshotsKnowTheirTotals) {
  const DeviceInfo device = two_heaps();
  MemoryAccount::Options options;
  options.snapshot_rows = 8;
  MemoryAccount account(device, options);
  for (std::uint32_t i = 0; i < 20; ++i) {
    account.block_added(block(i + 1), 1000 + i, 0, true);
    account.placed(i, object_at(block(i + 1), 0, 600));
  }
  account.snapshot("full", 0);
  vkmembench::Run run;
  account.finish(run, "");
  ASSERT_EQ(run.snapshots.size(), 1u);
  EXPECT_GT(run.snapshots[0].blocks_dropped, 0u);
  EXPECT_EQ(run.snapshots[0].blocks_total_bytes, 20u * 1000 + 190);
  EXPECT_EQ(run.snapshots[0].spans_total_bytes, 20u * 600);
}

TEST(MemoryAccount, NothingFedGivesNullsWithReasons) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  account.ended();
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_EQ(value_of(run, "mem.reserved_peak_bytes"), 0.0);
  EXPECT_EQ(reason_of(run, "mem.reserved_over_live_ratio"), "the trace holds no memory");
  EXPECT_EQ(reason_of(run, "mem.retention_ratio"), "nothing was reserved");
  EXPECT_EQ(reason_of(run, "mem.waste_byte_frames"), "the run has no frame");
  EXPECT_EQ(reason_of(run, "frag.external_ratio"), "nothing was reserved");
  EXPECT_EQ(reason_of(run, "frag.external_ratio.mean"), "the run has no frame");
  EXPECT_EQ(reason_of(run, "frag.internal_ratio"), "nothing was reserved");
  EXPECT_EQ(reason_of(run, "placement.preferred_ratio"), "nothing was placed");
  EXPECT_EQ(reason_of(run, "budget.over_byte_frames"), "the run has no frame");
}

TEST(MemoryAccount, AnInterruptedRunHasNoEnd) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  account.block_added(block(1), 100, 0, false);
  vkmembench::Run run;
  account.finish(run, "");
  for (const char* id : {"mem.reserved_end_bytes", "mem.retention_ratio", "mem.stranded_bytes.worst"}) {
    EXPECT_EQ(reason_of(run, id), "the run did not reach its end") << id;
  }
  EXPECT_EQ(reason_of(run, "frag.rss_ratio"), "the state at peak reserve was not captured");
}

TEST(MemoryAccount, ObjectsWithoutMemoryHaveNoBytes) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  account.load_added(100, 128);
  account.placed(7, {.requested = 100, .required = 128, .charged = 128});
  account.snapshot("now", 0);
  account.frame_ended(0, 0);
  account.removed(7);
  account.ended();
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_EQ(value_of(run, "mem.charged_peak_bytes"), 0.0);
  EXPECT_EQ(value_of(run, "mem.waste_byte_frames"), 0.0);
  EXPECT_EQ(reason_of(run, "mem.reserved_over_live_at_ratio", "now"), "nothing is live then");
  EXPECT_EQ(run.series.columns[4].last, (std::vector<double>{1}));
}

TEST(MemoryAccount, ABlockMayGoBeforeItsObjects) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  account.block_added(block(1), 100, 0, false);
  account.placed(0, object_at(block(1), 0, 50));
  account.block_removed(block(1));
  account.block_added(block(1), 200, 0, false);  // the handle is used again at once
  account.placed(1, object_at(block(1), 0, 200));
  account.removed(0);
  account.frame_ended(0, 0);
  account.removed(1);
  account.block_removed(block(1));
  account.ended();
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_EQ(value_of(run, "mem.reserved_peak_bytes"), 200.0);
  EXPECT_EQ(value_of(run, "mem.reserved_end_bytes"), 0.0);
  EXPECT_EQ(value_of(run, "mem.stranded_bytes.worst"), 0.0);
  EXPECT_EQ(value_of(run, "frag.external_ratio.max"), 0.0);
}

TEST(MemoryAccountDeathTest, Misuse) {
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  EXPECT_DEATH(account.block_removed(block(9)), "only a live block");
  EXPECT_DEATH(account.block_added(VK_NULL_HANDLE, 10, 0, false), "device memory with a size");
  EXPECT_DEATH(account.block_added(block(1), 10, 99, false), "memory types");
  EXPECT_DEATH(account.placed(0, object_at(block(9), 0, 1)), "in a live block");
  EXPECT_DEATH(account.removed(0), "only a placed object");
  EXPECT_DEATH(account.load_removed(1, 1), "added before");
  EXPECT_DEATH(account.budget_changed(9, 1), "one of the device's heaps");
  account.block_added(block(1), 10, 0, false);
  EXPECT_DEATH(account.block_added(block(1), 10, 0, false), "added once");
  account.placed(0, object_at(block(1), 0, 1));
  EXPECT_DEATH(account.placed(0, object_at(block(1), 2, 1)), "placed once");
  account.capture_peak();
  EXPECT_DEATH(account.capture_peak(), "captured once");
}

}  // namespace
}  // namespace vkmembench
