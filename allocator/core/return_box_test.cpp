#include "allocator/core/return_box.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "allocator/testing/defragmenter_fixture.h"

namespace vkmembench {
namespace {

TEST(ReturnBox, KeepsTheOrderAndSaysWhenItIsFull) {
  ReturnBox box;
  std::array<Returned, 40> taken;
  std::uint64_t next_in = 1;
  std::uint64_t next_out = 1;
  for (int round = 0; round < 50; ++round) {
    std::size_t held = next_in - next_out;
    while (box.put({nullptr, next_in})) {
      ++next_in;
      ++held;
      EXPECT_EQ(box.has_many(), held >= ReturnBox::kMany);
    }
    EXPECT_EQ(held, ReturnBox::kMost);
    for (int part = 0; part <= round % 7; ++part) {
      const std::size_t count = box.take(taken);
      EXPECT_EQ(count, std::min(held, taken.size()));
      for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(taken[i].resource, next_out++);
      held -= count;
      EXPECT_EQ(box.has_many(), held >= ReturnBox::kMany);
    }
  }
}

class LaterTest : public testing::Test {
 protected:
  [[nodiscard]] std::uint64_t count() const { return world_.allocator.statistics().total.allocation_count; }
  void remove_later(std::uint64_t user) {
    world_.allocator.destroy_later(world_.objects.at(user).allocation);
    world_.objects.erase(user);
  }
  MovingFixture world_{open_with_contents(test_profile("discrete")), small_blocks()};
};

TEST_F(LaterTest, AFewWaitForWhoeverTurnsTheFrame) {
  const std::uint64_t user = world_.buffer(4096);
  remove_later(user);
  EXPECT_EQ(count(), 1u);
  world_.allocator.begin_frame(1);
  EXPECT_EQ(count(), 0u);
  EXPECT_EQ(world_.allocator.collect(), 0u);
}

TEST_F(LaterTest, ManyWaitForTheNextAllocation) {
  std::vector<std::uint64_t> users;
  for (std::size_t i = 0; i < ReturnBox::kMany; ++i) users.push_back(world_.buffer(4096));
  for (const std::uint64_t user : users) remove_later(user);
  EXPECT_EQ(count(), ReturnBox::kMany);
  (void)world_.buffer(64);
  EXPECT_EQ(count(), 1u);
}

TEST_F(LaterTest, NoBlockIsMadeWhileTheirRoomWould) {
  std::vector<std::uint64_t> users;
  for (std::size_t i = 0; i < 64; ++i) users.push_back(world_.buffer(4096));
  const Bytes held = world_.allocator.budget().total_reserved();
  remove_later(users[10]);
  const std::uint64_t next = world_.buffer(4096);
  EXPECT_NE(next, 0u);
  EXPECT_EQ(world_.allocator.budget().total_reserved(), held);
  world_.verify();
}

TEST_F(LaterTest, WhatFindsTheBoxFullIsDestroyedAtOnce) {
  std::vector<std::uint64_t> users;
  for (std::size_t i = 0; i < ReturnBox::kMost + 10; ++i) users.push_back(world_.buffer(256));
  for (const std::uint64_t user : users) remove_later(user);
  EXPECT_EQ(count(), ReturnBox::kMost);
  EXPECT_EQ(world_.allocator.trim(), world_.allocator.budget().total_peak());
  EXPECT_EQ(count(), 0u);
}

TEST_F(LaterTest, AliasesGoBeforeTheirTarget) {
  for (const bool target_later : {true, false}) {
    const Allocation target = *world_.allocator.create_buffer(buffer_info(4096), {.shared = true});
    const auto alias = world_.allocator.create_aliasing_buffer(buffer_info(4096), {}, target);
    ASSERT_TRUE(alias);
    world_.allocator.destroy_later(*alias);
    target_later ? world_.allocator.destroy_later(target) : world_.allocator.destroy(target);
    EXPECT_EQ(world_.allocator.collect(), target_later ? 2u : 0u);
    EXPECT_TRUE(world_.allocator.live_allocations().empty());
  }
}

TEST_F(LaterTest, DefragmentationNeitherMovesNorKeepsThem) {
  scatter(world_, 5);
  Defragmenter defragmenter(world_.allocator);
  defragmenter.start({.algorithm = DefragmentAlgorithm::full, .max_moves_per_pass = 20});
  std::mt19937_64 random(3);
  const auto drop = [&] {
    for (int i = 0; i < 3 && !world_.objects.empty(); ++i) {
      const auto chosen = std::next(world_.objects.begin(), static_cast<long>(random() % world_.objects.size()));
      remove_later(chosen->first);
    }
  };
  while (!defragmenter.finished()) {
    drop();
    ASSERT_EQ(defragmenter.begin_pass(), VK_SUCCESS);
    drop();
    std::pmr::vector<Moved> moved;
    ASSERT_EQ(defragmenter.end_pass(kNoTimeout, moved), VK_SUCCESS);
    world_.apply(moved);
    ASSERT_FALSE(HasFatalFailure());
    world_.verify();
  }
  EXPECT_GT(defragmenter.totals().moves, 0u);
}

TEST_F(LaterTest, TheAllocatorsEndIsSoonEnough) {
  const auto owner = open_simulated_device(test_profile("unified"));
  {
    std::vector<LiveAllocation> leaks;
    Allocator allocator(owner->device(), {.tag = "",
                                          .options = {},
                                          .budget = nullptr,
                                          .on_leak = [&](const LiveAllocation& leak) { leaks.push_back(leak); },
                                          .arena = {}});
    allocator.destroy_later(*allocator.create_buffer(buffer_info(64), {}));
  }
  EXPECT_EQ(simulated_leaks(*owner).total(), 0u);
}

TEST(LaterDeathTest, TwiceAborts) {
  const auto owner = open_simulated_device(test_profile("unified"));
  Allocator allocator(owner->device());
  const Allocation allocation = *allocator.create_buffer(buffer_info(64), {});
  EXPECT_DEATH(
      {
        allocator.destroy_later(allocation);
        allocator.destroy_later(allocation);
        allocator.collect();
      },
      "between its creation and its destruction");
  allocator.destroy(allocation);
}

}  // namespace
}  // namespace vkmembench
