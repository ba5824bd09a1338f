#include "allocator/core/upkeep/eviction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "allocator/placement/range.h"

namespace vkmembench {
namespace {

class Eviction : public testing::Test {
 protected:
  EvictionBlock block(Bytes stays, std::initializer_list<std::uint32_t> idles, Bytes bytes = 10) {
    EvictionBlock made;
    made.capacity = 100;
    made.stays = stays;
    for (const std::uint32_t idle : idles) made.evictable.push_back({&ranges_[next_++], bytes, idle});
    return made;
  }
  // Which of the ranges, in the order in which the blocks were made.
  [[nodiscard]] std::vector<std::size_t> which(const std::pmr::vector<Evictable>& taken) const {
    std::vector<std::size_t> numbers;
    for (const Evictable& one : taken) numbers.push_back(static_cast<std::size_t>(one.range - ranges_.data()));
    return numbers;
  }

 private:
  std::array<Range, 64> ranges_;
  std::size_t next_ = 0;
};
using Numbers = std::vector<std::size_t>;

TEST_F(Eviction, TheLeastRecentlyUsedGoesFirstWhereverItIs) {
  std::pmr::vector<EvictionBlock> blocks = {block(50, {5, 700, 601}), block(0, {900, 600, 700})};
  EXPECT_EQ(which(take_least_recently_used(blocks, 600)), (Numbers{3, 1, 5, 2}));
  EXPECT_EQ(blocks[0].evictable.size(), 1u);  // what is taken is gone
  EXPECT_EQ(blocks[1].evictable.size(), 1u);
  EXPECT_TRUE(take_least_recently_used(blocks, 600).empty());
}

TEST_F(Eviction, BlocksThatBecomeEmptyGoWholeThoseIdleForLongestFirst) {
  std::pmr::vector<EvictionBlock> blocks = {block(1, {90, 90, 90}), block(0, {50, 9}), block(0, {20, 30}),
                                            block(0, {80, 2}), block(0, {})};
  EXPECT_TRUE(take_whole_blocks(blocks, 2, 0).empty());
  EXPECT_EQ(which(take_whole_blocks(blocks, 2, 100)), (Numbers{6, 5}));
  EXPECT_EQ(which(take_whole_blocks(blocks, 2, 1000)), (Numbers{3, 4}));  // the first pins, the fourth is in use
  EXPECT_TRUE(take_whole_blocks(blocks, 2, 1000).empty());
}

TEST_F(Eviction, ThenBlocksWhereLittleStays) {
  std::pmr::vector<EvictionBlock> blocks = {block(80, {70, 60}), block(10, {20, 30, 4}), block(30, {9, 8, 7})};
  EXPECT_EQ(which(take_densest(blocks, 4, 20)), (Numbers{3, 2}));  // 20 against 20, 20 against 80, 30 against 30
  EXPECT_EQ(which(take_densest(blocks, 4, 35)), (Numbers{5, 6, 7, 0}));
  EXPECT_EQ(which(take_densest(blocks, 4, 1)), (Numbers{1}));
  EXPECT_TRUE(take_densest(blocks, 4, 1000).empty());
}

TEST_F(Eviction, NothingRecentAndNothingTwice) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<Range> ranges(60);
    std::pmr::vector<EvictionBlock> blocks(8);
    for (std::size_t i = 0; i < ranges.size(); ++i)
      blocks[random() % blocks.size()].evictable.push_back(
          {&ranges[i], 1 + random() % 50, static_cast<std::uint32_t>(random() % 20)});
    for (EvictionBlock& block : blocks) block.stays = random() % 3 == 0 ? 0 : random() % 200;
    const auto min_idle = static_cast<std::uint32_t>(random() % 15);
    std::size_t idle_enough = 0;
    for (const EvictionBlock& block : blocks)
      idle_enough += static_cast<std::size_t>(
          std::ranges::count_if(block.evictable, [&](const Evictable& one) { return one.idle > min_idle; }));
    std::pmr::vector<Evictable> taken = take_whole_blocks(blocks, min_idle, random() % 500);
    const auto add = [&](const std::pmr::vector<Evictable>& more) {
      taken.insert(taken.end(), more.begin(), more.end());
    };
    add(take_densest(blocks, min_idle, random() % 200));
    add(take_least_recently_used(blocks, min_idle));
    EXPECT_EQ(taken.size(), idle_enough);
    EXPECT_TRUE(std::ranges::all_of(taken, [&](const Evictable& one) { return one.idle > min_idle; }));
    std::vector<const Range*> seen;
    for (const Evictable& one : taken) seen.push_back(one.range);
    std::ranges::sort(seen);
    EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
  }
}

}  // namespace
}  // namespace vkmembench
