#include "reports/model/coverage.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <utility>
#include <vector>

namespace vkmembench {
namespace {

using Ranges = std::vector<std::pair<Offset, Bytes>>;
Ranges free_ranges(const Coverage& coverage) {
  Ranges out;
  coverage.for_each_free([&](Offset offset, Bytes size) { out.emplace_back(offset, size); });
  return out;
}

TEST(Coverage, OverlapsAreCoveredOnce) {
  FreeRangeSums sums;
  Coverage coverage(100, sums);
  EXPECT_EQ(free_ranges(coverage), (Ranges{{0, 100}}));
  coverage.cover(10, 30, sums);
  coverage.cover(20, 50, sums);
  coverage.cover(30, 50, sums);
  EXPECT_EQ(free_ranges(coverage), (Ranges{{0, 10}, {50, 50}}));
  EXPECT_EQ(sums.total(), 60u);
  EXPECT_EQ(sums.largest(), 50u);
  EXPECT_EQ(sums.count(), 2u);
  coverage.uncover(20, 50, sums);
  EXPECT_EQ(free_ranges(coverage), (Ranges{{0, 10}, {50, 50}}));
  coverage.uncover(10, 30, sums);
  EXPECT_EQ(free_ranges(coverage), (Ranges{{0, 30}, {50, 50}}));
  coverage.uncover(30, 50, sums);
  EXPECT_EQ(free_ranges(coverage), (Ranges{{0, 100}}));
  EXPECT_EQ(sums.count(), 1u);
}

TEST(Coverage, EdgesAndEmptySpans) {
  FreeRangeSums sums;
  Coverage coverage(100, sums);
  coverage.cover(0, 100, sums);
  EXPECT_TRUE(free_ranges(coverage).empty());
  EXPECT_EQ(sums.largest(), 0u);
  coverage.cover(40, 40, sums);
  coverage.cover(100, 100, sums);
  coverage.uncover(0, 100, sums);
  coverage.cover(0, 1, sums);
  coverage.cover(99, 100, sums);
  EXPECT_EQ(free_ranges(coverage), (Ranges{{1, 98}}));
  coverage.withdraw(sums);
  EXPECT_EQ(sums.total(), 0u);
  EXPECT_EQ(sums.count(), 0u);
}

TEST(FreeRangeSums, AreExactBeyond64Bits) {
  FreeRangeSums sums;
  const Bytes huge = Bytes{1} << 40;
  sums.add(huge);
  sums.add(3);
  EXPECT_EQ(sums.squares(), (FreeRangeSums::Squares{1} << 80) + 9);
  sums.remove(huge);
  EXPECT_EQ(sums.squares(), FreeRangeSums::Squares{9});
  EXPECT_EQ(sums.largest(), 3u);
}

TEST(FreeRangeSums, TheLargestFollowsAddsAndRemoves) {
  FreeRangeSums sums;
  std::multiset<Bytes> naive;
  std::mt19937 random(1);
  for (int i = 0; i < 50'000; ++i) {
    if (naive.empty() || random() % 100 < (i < 25'000 ? 60u : 40u)) {
      const Bytes size = 1 + random() % 5000;
      sums.add(size);
      naive.insert(size);
    } else {
      const auto gone = naive.lower_bound(random() % 5000);
      if (gone == naive.end()) continue;
      sums.remove(*gone);
      naive.erase(gone);
    }
    if (random() % 50 != 0) continue;
    ASSERT_EQ(sums.largest(), naive.empty() ? 0 : *naive.rbegin());
    ASSERT_EQ(sums.count(), naive.size());
  }
}

TEST(FreeRangeSums, PlaceableRoundsDown) {
  FreeRangeSums sums;
  sums.add(64 * kKiB - 1);
  sums.add(9 * kMiB);
  EXPECT_EQ(sums.placeable(0), 9 * kMiB);
  EXPECT_EQ(sums.placeable(1), 9 * kMiB);
  EXPECT_EQ(sums.placeable(2), 8 * kMiB);
  EXPECT_EQ(sums.placeable(3), 0u);
}

TEST(CoverageDeathTest, Misuse) {
  FreeRangeSums sums;
  Coverage coverage(100, sums);
  EXPECT_DEATH(coverage.cover(50, 101, sums), "within its block");
  EXPECT_DEATH(coverage.cover(50, 49, sums), "within its block");
  EXPECT_DEATH(coverage.uncover(0, 10, sums), "only what is covered");
  EXPECT_DEATH(sums.remove(101), "removed once");
}

}  // namespace
}  // namespace vkmembench
