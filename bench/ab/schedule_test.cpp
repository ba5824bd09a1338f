#include "bench/ab/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace vkmembench {
namespace {

TEST(Schedule, TwoArmsMirrorInBlocksOfTwoPairs) {
  Schedule schedule(2, 7);
  std::set<std::vector<std::size_t>> first_pairs;
  for (int block = 0; block < 50; ++block) {
    const auto first = schedule.next();
    auto second = schedule.next();
    first_pairs.insert(first);
    std::ranges::reverse(second);
    EXPECT_EQ(first, second);
  }
  EXPECT_EQ(first_pairs.size(), 2U) << "the order of a block is drawn";
}

TEST(Schedule, ThreeArmsMakeLatinSquares) {
  Schedule schedule(3, 7);
  std::set<std::vector<std::size_t>> orders;
  for (int block = 0; block < 50; ++block) {
    std::vector<std::set<std::size_t>> places(3);
    for (int pair = 0; pair < 3; ++pair) {
      const auto order = schedule.next();
      orders.insert(order);
      for (std::size_t place = 0; place < 3; ++place) places[place].insert(order[place]);
    }
    for (const auto& arms : places) EXPECT_EQ(arms.size(), 3U) << "every arm once in every place";
  }
  EXPECT_EQ(orders.size(), 6U);
}

TEST(Schedule, TheSeedDecides) {
  Schedule one(3, 1), same(3, 1), other(3, 2);
  bool differs = false;
  for (int i = 0; i < 30; ++i) {
    const auto order = one.next();
    EXPECT_EQ(order, same.next());
    differs |= order != other.next();
  }
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace vkmembench
