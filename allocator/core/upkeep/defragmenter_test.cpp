#include "allocator/core/upkeep/defragmenter.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>
#include <tuple>

#include "allocator/testing/defragmenter_fixture.h"

namespace vkmembench {
namespace {

constexpr std::array kAlgorithms = {DefragmentAlgorithm::fast, DefragmentAlgorithm::balanced, DefragmentAlgorithm::full,
                                    DefragmentAlgorithm::extensive};

class DefragmenterOn : public testing::TestWithParam<std::tuple<std::string, DefragmentAlgorithm>> {};
INSTANTIATE_TEST_SUITE_P(Devices, DefragmenterOn,
                         testing::Combine(testing::ValuesIn(moving_devices()), testing::ValuesIn(kAlgorithms)),
                         [](const auto& row) {
                           return std::get<0>(row.param) + "_" +
                                  std::string(
                                      kDefragmentAlgorithmNames[static_cast<std::size_t>(std::get<1>(row.param))]);
                         });

TEST_P(DefragmenterOn, EveryPassKeepsContentsAndTheRequestEnds) {
  const auto& [name, algorithm] = GetParam();
  auto owner = open_moving_device(name);
  if (owner == nullptr) GTEST_SKIP() << "no Vulkan device";
  MovingFixture world(std::move(owner), small_blocks());
  Defragmenter defragmenter(world.allocator);
  EXPECT_TRUE(defragmenter.finished());
  for (unsigned round = 0; round < 2; ++round) {
    ASSERT_NO_FATAL_FAILURE(scatter(world, 7 + round));
    const Bytes before = world.allocator.statistics().total.block_bytes;
    const Bytes peak = world.allocator.budget().total_peak();
    const Bytes freed_before = defragmenter.totals().bytes_freed;
    defragmenter.start({.algorithm = algorithm, .max_bytes_per_pass = 300'000, .max_moves_per_pass = 40});
    ASSERT_NO_FATAL_FAILURE(run(world, defragmenter));
    const Statistics after = world.allocator.statistics();
    if (world.allocator.budget().objects() > 3) {
      EXPECT_LT(after.total.block_bytes, before);
    }
    EXPECT_GE(defragmenter.totals().bytes_freed - freed_before, before - after.total.block_bytes);
    EXPECT_EQ(world.allocator.budget().total_peak(), peak);
    defragmenter.start({.algorithm = algorithm});  // unbounded, and more room at the front than before
    ASSERT_NO_FATAL_FAILURE(run(world, defragmenter));
    EXPECT_LE(world.allocator.statistics().total.block_bytes, after.total.block_bytes);
  }
}

class DefragmenterTest : public testing::Test {
 protected:
  Bytes held() { return world_.allocator.statistics().total.block_bytes; }
  void pass() {
    std::pmr::vector<Moved> moved;
    ASSERT_EQ(defragmenter_.begin_pass(), VK_SUCCESS);
    ASSERT_EQ(defragmenter_.end_pass(kNoTimeout, moved), VK_SUCCESS);
    world_.apply(moved);
  }
  // Two blocks of 64 buffers of 4 KiB each, of which the first keeps all but `gaps` and the second `stay`.
  std::vector<std::uint64_t> two_blocks(std::size_t gaps, std::size_t stay) {
    std::vector<std::uint64_t> second;
    for (std::size_t i = 0; i < 128; ++i) {
      const std::uint64_t user = world_.buffer(4096);
      if (i < gaps || i >= 64 + stay) doomed_.push_back(user);
      if (i >= 64 && i < 64 + stay) second.push_back(user);
    }
    for (const std::uint64_t user : doomed_) world_.remove(user);
    EXPECT_EQ(held(), 512 * kKiB);
    return second;
  }
  std::vector<std::uint64_t> doomed_;
  MovingFixture world_{open_with_contents(test_profile("discrete")), small_blocks()};
  Defragmenter defragmenter_{world_.allocator};
};

TEST_F(DefragmenterTest, EmptiesTheEmptierBlockAndGivesItBack) {
  two_blocks(20, 5);
  const double before = world_.allocator.external_fragmentation();
  defragmenter_.start({});
  run(world_, defragmenter_);
  EXPECT_EQ(held(), 256 * kKiB);
  const DefragmentTotals& totals = defragmenter_.totals();
  EXPECT_EQ(totals.moves, 5u);
  EXPECT_EQ(totals.bytes_moved, 5 * 4096u);
  EXPECT_EQ(totals.bytes_freed, 256 * kKiB);
  EXPECT_EQ(totals.blocks_freed, 1u);
  EXPECT_EQ(totals.ignored, 0u);
  EXPECT_EQ(totals.frag_before, before);
  EXPECT_EQ(totals.frag_after, world_.allocator.external_fragmentation());
}

TEST_F(DefragmenterTest, LeavesABlockAloneWhoseContentsFitNowhere) {
  two_blocks(4, 5);
  defragmenter_.start({.algorithm = DefragmentAlgorithm::full});
  run(world_, defragmenter_);
  EXPECT_EQ(defragmenter_.totals().moves, 0u);
  const std::uint64_t user = world_.buffer(4096);  // and its gaps serve again
  EXPECT_NE(user, 0u);
  EXPECT_EQ(held(), 512 * kKiB);
}

TEST_F(DefragmenterTest, EmptyBlocksGoFirst) {
  two_blocks(0, 0);  // the second block is kept empty
  defragmenter_.start({});
  run(world_, defragmenter_);
  EXPECT_EQ(held(), 256 * kKiB);
  EXPECT_EQ(defragmenter_.totals().blocks_freed, 1u);
}

TEST_F(DefragmenterTest, AMappedAllocationKeepsItsBlock) {
  const auto second = two_blocks(20, 5);
  std::vector<Allocation> mapped;
  const std::uint64_t user = world_.buffer(100, MemoryUse::upload);
  ASSERT_TRUE(world_.allocator.map(world_.objects.at(user).allocation));
  EXPECT_EQ(second.size(), 5u);
  defragmenter_.start({.algorithm = DefragmentAlgorithm::extensive});
  const Allocation before = world_.objects.at(user).allocation;
  run(world_, defragmenter_);
  EXPECT_EQ(world_.objects.at(user).allocation.offset, before.offset);
  EXPECT_EQ(world_.objects.at(user).allocation.memory, before.memory);
  world_.allocator.unmap(before);
}

TEST_F(DefragmenterTest, FastStaysInThePool) {
  for (const DefragmentAlgorithm algorithm : {DefragmentAlgorithm::fast, DefragmentAlgorithm::balanced}) {
    std::vector<std::uint64_t> users;
    for (int i = 0; i < 16; ++i) users.push_back(world_.buffer(16 * kKiB));  // a block of the medium class
    const std::uint64_t small = world_.buffer(100);                          // borrows no gap: there is none
    world_.remove(users[3]);
    defragmenter_.start({.algorithm = algorithm});
    run(world_, defragmenter_);
    const bool joined = world_.objects.at(small).allocation.pool == world_.objects.at(users[0]).allocation.pool;
    EXPECT_EQ(joined, algorithm == DefragmentAlgorithm::balanced);
    while (!world_.objects.empty()) world_.remove(world_.objects.begin()->first);
    world_.allocator.trim();
  }
}

TEST_F(DefragmenterTest, WhatIsDestroyedBetweenBeginAndEndIsIgnored) {
  const auto second = two_blocks(20, 5);
  defragmenter_.start({});
  ASSERT_EQ(defragmenter_.begin_pass(), VK_SUCCESS);
  EXPECT_EQ(defragmenter_.begin_pass(), VK_NOT_READY);
  EXPECT_FALSE(defragmenter_.finished());
  for (const std::uint64_t user : second) world_.remove(user);
  std::pmr::vector<Moved> moved;
  ASSERT_EQ(defragmenter_.end_pass(kNoTimeout, moved), VK_SUCCESS);
  EXPECT_TRUE(moved.empty());
  EXPECT_EQ(defragmenter_.totals().ignored, 5u);
  EXPECT_EQ(held(), 256 * kKiB);
  run(world_, defragmenter_);
}

TEST_F(DefragmenterTest, APassWhoseCopiesTakeLongGoesOn) {
  two_blocks(20, 5);
  defragmenter_.start({});
  world_.fences.stuck = true;
  ASSERT_EQ(defragmenter_.begin_pass(), VK_SUCCESS);
  std::pmr::vector<Moved> moved;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(defragmenter_.end_pass(1000, moved), VK_TIMEOUT);
    EXPECT_EQ(defragmenter_.begin_pass(), VK_NOT_READY);
    EXPECT_TRUE(moved.empty());
  }
  world_.fences.stuck = false;
  ASSERT_EQ(defragmenter_.end_pass(1000, moved), VK_SUCCESS);
  EXPECT_EQ(moved.size(), 5u);
  world_.apply(moved);
  world_.verify();
}

TEST_F(DefragmenterTest, ANewRequestReplacesTheOneThatRuns) {
  two_blocks(20, 5);
  defragmenter_.start({.max_moves_per_pass = 2});
  pass();
  EXPECT_EQ(defragmenter_.totals().moves, 2u);
  defragmenter_.start({.select = DefragmentSelect::marked});
  run(world_, defragmenter_);
  EXPECT_EQ(defragmenter_.totals().moves, 2u);
  EXPECT_EQ(world_.allocator.statistics().total.block_count, 2u);
  while (world_.objects.size() < 128) (void)world_.buffer(4096);  // the victim was opened again
  EXPECT_EQ(held(), 512 * kKiB);
}

TEST_F(DefragmenterTest, OneThatGoesLeavesThePassUndone) {
  two_blocks(20, 5);
  {
    Defragmenter other(world_.allocator);
    other.start({});
    ASSERT_EQ(other.begin_pass(), VK_SUCCESS);
  }
  world_.verify();
  EXPECT_EQ(held(), 512 * kKiB);
}

TEST_F(DefragmenterTest, RulesSelectWhatIsIdleOrBusyOrLarge) {
  const auto second = two_blocks(20, 5);
  world_.allocator.begin_frame(10);
  for (const auto& [user, object] : world_.objects) world_.allocator.touch(object.allocation);
  world_.allocator.begin_frame(400);
  for (const std::uint64_t user : second)
    if (user != second[1]) world_.allocator.touch(world_.objects.at(user).allocation);
  for (int i = 0; i < 200; ++i) world_.allocator.touch(world_.objects.at(second[3]).allocation);
  std::map<std::uint64_t, VkDeviceMemory> before;
  for (const std::uint64_t user : second) before[user] = world_.objects.at(user).allocation.memory;
  defragmenter_.start({.select = DefragmentSelect::rules, .algorithm = DefragmentAlgorithm::fast});
  run(world_, defragmenter_);
  for (const std::uint64_t user : second) {
    const bool moved = before[user] != world_.objects.at(user).allocation.memory;
    EXPECT_EQ(moved, user == second[1] || user == second[3]);
  }
  // Everything is larger than 1000 bytes.
  defragmenter_.start({.select = DefragmentSelect::rules, .idle_frames = 1000, .min_uses = 1000, .min_size = 1000});
  run(world_, defragmenter_);
  EXPECT_EQ(held(), 256 * kKiB);
}

TEST_F(DefragmenterTest, MarksAreForOneRequest) {
  const auto second = two_blocks(20, 5);
  world_.allocator.mark(world_.objects.at(second[2]).allocation);
  defragmenter_.start({.select = DefragmentSelect::marked});
  run(world_, defragmenter_);
  EXPECT_EQ(defragmenter_.totals().moves, 1u);
  defragmenter_.start({.select = DefragmentSelect::marked});
  run(world_, defragmenter_);
  EXPECT_EQ(defragmenter_.totals().moves, 1u);
}

TEST_F(DefragmenterTest, ExtensiveReplacesWhatStaysHalfEmpty) {
  std::vector<std::uint64_t> users;
  for (int i = 0; i < 64; ++i) users.push_back(world_.buffer(4096));
  for (int i = 0; i < 64; ++i)
    if (i % 4 != 0) world_.remove(users[static_cast<std::size_t>(i)]);
  const Bytes peak = world_.allocator.budget().total_peak();
  defragmenter_.start({.algorithm = DefragmentAlgorithm::extensive});
  run(world_, defragmenter_);
  EXPECT_EQ(held(), 256 * kKiB);    // a block more would pass the peak
  (void)world_.buffer(200 * kKiB);  // raises it
  ASSERT_GT(world_.allocator.budget().total_peak(), peak);
  const std::uint64_t last = world_.objects.rbegin()->first;
  world_.remove(last);
  world_.allocator.trim();
  defragmenter_.start({.algorithm = DefragmentAlgorithm::extensive, .max_moves_per_pass = 3});
  run(world_, defragmenter_);
  EXPECT_EQ(held(), 64 * kKiB);
}

// 10 % of the allocations may move, 16 a pass: at the end none of them fits into any block that had a better rank.
TEST(DefragmenterMarked, EveryMarkedOneIsConsideredToTheEnd) {
  AllocatorOptions options;
  options.min_block_bytes = options.max_block_bytes = kMiB;
  options.growth_ratio = 0;
  MovingFixture world(open_with_contents(test_profile("unified")), options);
  world.fill_objects(false);
  std::mt19937_64 random(3);
  std::vector<std::uint64_t> all;
  for (int i = 0; i < 3000; ++i) all.push_back(world.buffer(256 * (1 + random() % 64)));
  for (const std::uint64_t user : all)
    if (random() % 100 < 45) world.remove(user);
  std::set<std::uint64_t> marked;
  for (const auto& [user, object] : world.objects) {
    if (random() % 10 != 0) continue;
    world.allocator.mark(object.allocation);
    marked.insert(user);
  }

  struct Place {
    std::size_t rank;
    Bytes largest;
  };
  const auto fill = [](const BlockMap& block) {
    Bytes used = 0;
    for (const Span& span : block.spans) used += span.used ? span.size : 0;
    return static_cast<double>(used) / static_cast<double>(block.size);
  };
  std::vector<BlockMap> order = world.allocator.detail().blocks;
  std::stable_sort(order.begin(), order.end(), [&](const BlockMap& a, const BlockMap& b) {
    return fill(a) != fill(b) ? fill(a) > fill(b) : a.serial < b.serial;
  });
  const auto rank_of = [&](const BlockMap& block) {
    return std::find_if(order.begin(), order.end(),
                        [&](const BlockMap& o) { return o.serial == block.serial && o.pool == block.pool; }) -
           order.begin();
  };

  Defragmenter defragmenter(world.allocator);
  defragmenter.start({.select = DefragmentSelect::marked, .max_moves_per_pass = 16});
  const std::uint64_t passes = run(world, defragmenter, false);
  EXPECT_GT(defragmenter.totals().moves, marked.size() / 2);
  EXPECT_GT(passes, 3u);
  const std::vector<BlockMap> after = world.allocator.detail().blocks;
  for (const BlockMap& block : after) {
    for (const Span& span : block.spans) {
      if (!span.used || marked.count(span.user) == 0) continue;
      for (const BlockMap& better : after) {
        if (rank_of(better) >= rank_of(block)) continue;
        for (const Span& gap : better.spans)
          ASSERT_TRUE(gap.used || gap.size < span.size) << span.user << " could have moved";
      }
    }
  }
}

TEST(DefragmenterDeathTest, ARequestIsReplacedBetweenPasses) {
  MovingFixture world(open_with_contents(test_profile("discrete")));
  Defragmenter defragmenter(world.allocator);
  (void)world.buffer(100);
  defragmenter.start({});
  ASSERT_EQ(defragmenter.begin_pass(), VK_SUCCESS);
  EXPECT_DEATH(defragmenter.start({}), "between its passes");
}

// A driver gives the handle of what is gone to the next resource, and the place of what is gone goes to it as well:
// what a pass found there is not what a later one moves.
TEST_P(DefragmenterOn, WhatComesAndGoesBetweenPassesIsToldApart) {
  const auto& [name, algorithm] = GetParam();
  auto owner = open_moving_device(name);
  if (owner == nullptr) GTEST_SKIP() << "no Vulkan device";
  MovingFixture world(std::move(owner), small_blocks());
  Defragmenter defragmenter(world.allocator);
  std::mt19937_64 random(3);
  for (unsigned round = 0; round < 3; ++round) {
    ASSERT_NO_FATAL_FAILURE(scatter(world, 20 + round, 200));
    defragmenter.start({.algorithm = algorithm, .max_moves_per_pass = 2});
    for (int pass = 0; pass < 60 && !defragmenter.finished(); ++pass) {
      (void)defragmenter.begin_pass();
      std::pmr::vector<Moved> moved;
      ASSERT_EQ(defragmenter.end_pass(kNoTimeout, moved), VK_SUCCESS);
      ASSERT_NO_FATAL_FAILURE(world.apply(moved));
      for (int i = 0; i < 4 && !world.objects.empty(); ++i) {
        world.remove(
            std::next(world.objects.begin(), static_cast<std::ptrdiff_t>(random() % world.objects.size()))->first);
        (void)world.buffer(1 + random() % (Bytes{1} << (4 + random() % 12)), MemoryUse::device,
                           Bytes{1} << random() % 10);
      }
    }
    ASSERT_NO_FATAL_FAILURE(run(world, defragmenter));
  }
}

}  // namespace
}  // namespace vkmembench
