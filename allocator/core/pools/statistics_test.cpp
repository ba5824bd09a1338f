#include "allocator/core/pools/statistics.h"

#include <gtest/gtest.h>

#include "allocator/core/pools/memory_budget.h"
#include "allocator/core/pools/monitor.h"

namespace vkmembench {
namespace {

Statistics sample(std::uint64_t blocks, Bytes used) {
  Statistics statistics;
  PoolSnapshot pool;
  pool.name = "small/type0";
  pool.now.block_count = blocks;
  pool.now.block_bytes = blocks * kMiB;
  pool.now.allocation_bytes = used;
  pool.now.allocation_count = used / 1024;
  pool.peak_block_bytes = blocks * kMiB;
  statistics.pools.push_back(pool);
  statistics.total = pool.now;
  statistics.heaps.resize(1);
  statistics.heaps[0].now = pool.now;
  return statistics;
}

TEST(Difference, CountsDownAsWellAsUp) {
  const StatisticsChange change = difference(sample(4, 3 * kMiB), sample(2, kMiB));
  EXPECT_EQ(change.total.block_count, -2);
  ASSERT_EQ(change.pools.size(), 1u);
  EXPECT_EQ(change.pools[0].name, "small/type0");
  EXPECT_EQ(change.pools[0].block_bytes, -2 * static_cast<std::int64_t>(kMiB));
  EXPECT_EQ(change.pools[0].allocation_count, -2048);
}

TEST(Difference, LeavesOutWhatStayedAndKnowsNewPools) {
  EXPECT_TRUE(difference(sample(2, kMiB), sample(2, kMiB)).pools.empty());
  EXPECT_EQ(difference(Statistics{}, sample(2, kMiB)).pools.at(0).block_count, 2);
}

TEST(Table, ShowsHeapsAndPools) {
  const std::string table = to_table(sample(4, 3 * kMiB));
  EXPECT_NE(table.find("heap 0"), std::string::npos);
  EXPECT_NE(table.find("small/type0"), std::string::npos);
  EXPECT_NE(table.find("75.0"), std::string::npos) << table;
}

TEST(FreeRanges, ExternalRatioIsTheShareOutsideTheLargest) {
  FreeRanges free;
  EXPECT_EQ(free.external_ratio(), 0.0);
  for (const Bytes size : {Bytes{100}, Bytes{50}, Bytes{50}}) free.add(size);
  EXPECT_EQ(free.count, 3u);
  EXPECT_EQ(free.external_ratio(), 0.5);
  EXPECT_EQ(free.sum_of_squares, 15000.0);
}

TEST(SizeBucket, BoundsBelongToTheLowerBucket) {
  for (std::size_t i = 0; i < kSizeBounds.size(); ++i) {
    EXPECT_EQ(size_bucket(kSizeBounds[i]), i);
    EXPECT_EQ(size_bucket(kSizeBounds[i] + 1), i + 1);
  }
  EXPECT_EQ(size_bucket(0), 0u);
}

TEST(EventTotals, RatesArePerFrame) {
  EventTotals totals;
  totals.created = 30;
  EXPECT_EQ(totals.created_per_frame(), 0.0);
  totals.frames = 60;
  EXPECT_EQ(totals.created_per_frame(), 0.5);
}

class MemoryBudgetTest : public testing::Test {
 protected:
  static DeviceInfo device() {
    DeviceInfo info;
    info.limits.maxMemoryAllocationCount = 4;
    info.max_memory_allocation_size = 1000;
    info.memory.memoryHeapCount = 2;
    info.budgets = {1500, 100};
    info.memory.memoryHeaps[0].size = info.memory.memoryHeaps[1].size = 2000;
    return info;
  }
  DeviceInfo info_ = device();
  MemoryBudget budget_{info_};
};

TEST_F(MemoryBudgetTest, HoldsTheLimitsAndBooksNothingOnRefusal) {
  EXPECT_EQ(budget_.take(0, 1001, false), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(budget_.take(0, 1000, true), VK_SUCCESS);
  EXPECT_EQ(budget_.take(0, 501, true), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(budget_.reserved(0), 1000u);
  EXPECT_EQ(budget_.take(0, 501, false), VK_SUCCESS);
  EXPECT_EQ(budget_.take(1, 100, true), VK_SUCCESS);
  EXPECT_TRUE(budget_.crowded());
  EXPECT_EQ(budget_.take(1, 1, false), VK_SUCCESS);
  EXPECT_EQ(budget_.take(1, 1, false), VK_ERROR_TOO_MANY_OBJECTS);
  EXPECT_EQ(budget_.objects(), 4u);
  EXPECT_EQ(budget_.total_reserved(), 1602u);
}

// Of heaps of 2000 bytes.
TEST_F(MemoryBudgetTest, WhatDriversCannotMeanIsUnknown) {
  info_.budgets = {0, 18446744073271062528u};
  const MemoryBudget budget(info_);
  EXPECT_EQ(budget.budget(0), 1600u);
  EXPECT_EQ(budget.budget(1), 1600u);
  EXPECT_EQ(usable_budget(2000, 2000), 2000u);
  EXPECT_EQ(usable_budget(1, 2000), 1u);
  EXPECT_EQ(usable_budget(0, ~Bytes{0}), ~Bytes{0} / 10 * 8 + 4);
}

TEST_F(MemoryBudgetTest, PeaksOutliveWhatMadeThem) {
  ASSERT_EQ(budget_.take(0, 700, false), VK_SUCCESS);
  EXPECT_EQ(budget_.peak(0), 0u);  // not there yet
  budget_.taken(0);
  budget_.give(0, 700);
  EXPECT_EQ(budget_.peak(0), 700u);
  EXPECT_EQ(budget_.total_peak(), 700u);
  EXPECT_EQ(budget_.objects_peak(), 1u);
  EXPECT_EQ(budget_.objects(), 0u);
}

TEST_F(MemoryBudgetTest, ARefusalIsRememberedUntilSomethingChanges) {
  const auto refuse = [this](VkResult failure) {
    ASSERT_EQ(budget_.take(0, 400, false), VK_SUCCESS);
    budget_.not_taken(0, 400, failure);
  };
  ASSERT_EQ(budget_.take(0, 100, false), VK_SUCCESS);
  refuse(VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_FALSE(budget_.remembers_refusals());
  refuse(VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_TRUE(budget_.remembers_refusals());
  EXPECT_EQ(budget_.reserved(0), 100u);
  EXPECT_EQ(budget_.take(0, 400, false), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(budget_.take(1, 400, false), VK_SUCCESS);  // another heap
  EXPECT_EQ(budget_.take(0, 399, false), VK_SUCCESS);  // less may still be there
  budget_.set_budget(0, budget_.budget(0));            // no change
  EXPECT_TRUE(budget_.remembers_refusals());
  budget_.give(0, 399);
  EXPECT_FALSE(budget_.remembers_refusals());
  refuse(VK_ERROR_OUT_OF_DEVICE_MEMORY);
  budget_.set_budget(0, budget_.budget(0) + 1);
  EXPECT_FALSE(budget_.remembers_refusals());
  refuse(VK_ERROR_OUT_OF_DEVICE_MEMORY);
  budget_.forget_refusals();
  EXPECT_EQ(budget_.take(0, 400, false), VK_SUCCESS);
  EXPECT_EQ(budget_.total_reserved(), 900u);
}

using MemoryBudgetDeath = MemoryBudgetTest;
TEST_F(MemoryBudgetDeath, GivingMoreThanTakenAborts) { EXPECT_DEATH(budget_.give(0, 1), "given back"); }

}  // namespace
}  // namespace vkmembench
