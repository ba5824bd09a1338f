#include "allocator/core/upkeep/mover.h"

#include <gtest/gtest.h>

#include "allocator/testing/moving_fixture.h"

namespace vkmembench {
namespace {

VkResult move_now(MovingFixture& world, Mover& mover, std::uint64_t user, const MoveTarget& target) {
  VkResult result = mover.add(world.objects.at(user).allocation, target);
  if (result == VK_SUCCESS) result = mover.submit();
  std::pmr::vector<Moved> moved;
  if (result == VK_SUCCESS) result = mover.wait(kNoTimeout, moved);
  world.apply(moved);
  return result;
}

class MoverOn : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto owner = open_moving_device(GetParam());
    if (owner == nullptr) GTEST_SKIP() << "no Vulkan device";
    world_ = std::make_unique<MovingFixture>(std::move(owner));
  }
  std::unique_ptr<MovingFixture> world_;
};
INSTANTIATE_TEST_SUITE_P(Devices, MoverOn, testing::ValuesIn(moving_devices()),
                         [](const auto& row) { return row.param; });

TEST_P(MoverOn, BuffersTakeTheirContentsToEveryKindOfMemory) {
  MovingFixture& world = *world_;
  Mover mover(world.allocator);
  const std::uint64_t user = world.buffer(100'001, MemoryUse::device, 4096);
  const std::uint64_t neighbour = world.buffer(5000);
  for (const MemoryUse use : {MemoryUse::upload, MemoryUse::readback, MemoryUse::device, MemoryUse::dynamic,
                              MemoryUse::host, MemoryUse::device}) {
    ASSERT_EQ(move_now(world, mover, user, {use}), VK_SUCCESS);
    const VkMemoryPropertyFlags flags =
        world.owner->device().info->memory.memoryTypes[world.objects.at(user).allocation.memory_type].propertyFlags;
    EXPECT_EQ(flags & rule_of(use).required, rule_of(use).required);
    ASSERT_NO_FATAL_FAILURE(world.verify());
  }
  EXPECT_EQ(world.allocator.monitor().totals.created, 2u);  // a move is no creation
  world.remove(neighbour);
}

TEST_P(MoverOn, EverySubresourceOfAnImageMoves) {
  MovingFixture& world = *world_;
  Mover mover(world.allocator);
  const std::uint64_t mips = world.image({65, 33, 1}, 7, 3);
  const std::uint64_t volume = world.image({16, 8, 9}, 4);
  const std::uint64_t bare = world.image({64, 64, 1}, 1, 1, false);
  for (const std::uint64_t user : {mips, volume, bare}) {
    ASSERT_NE(user, 0u);
    ASSERT_EQ(move_now(world, mover, user, {MemoryUse::device}), VK_SUCCESS);
    ASSERT_NO_FATAL_FAILURE(world.verify());
  }
  ASSERT_EQ(move_now(world, mover, mips, {MemoryUse::device}), VK_SUCCESS);  // what moved once moves again
  ASSERT_NO_FATAL_FAILURE(world.verify());
}

TEST_P(MoverOn, BuffersGrowAndShrinkWithWhatBothSizesHold) {
  MovingFixture& world = *world_;
  Mover mover(world.allocator);
  const std::uint64_t user = world.buffer(3000);
  MovingFixture::Object& object = world.objects.at(user);
  ASSERT_EQ(move_now(world, mover, user, {MemoryUse::device, 200'000}), VK_SUCCESS);
  EXPECT_GE(object.allocation.charged, 200'000u);
  ASSERT_NO_FATAL_FAILURE(world.verify());
  object.size = 200'000;
  world.write(user);
  ASSERT_EQ(move_now(world, mover, user, {MemoryUse::device, 777}), VK_SUCCESS);
  std::vector<std::byte> left = pattern(200'000, object.seed);
  left.resize(777);
  EXPECT_TRUE(world.read(object, 777) == left);
}

class MoverTest : public testing::Test {
 protected:
  VkResult move_now(const Allocation& allocation) {
    const VkResult added = mover_.add(allocation, {MemoryUse::device});
    EXPECT_EQ(mover_.pending(), added == VK_SUCCESS ? 1u : 0u);
    return added;
  }
  std::pmr::vector<Moved> moved_;
  MovingFixture world_{open_with_contents(test_profile("discrete"))};
  Mover mover_{world_.allocator};
};

TEST_F(MoverTest, WhatCannotBeMadeAgainOrCopiedStays) {
  Allocator& allocator = world_.allocator;
  std::vector<Allocation> all;
  all.push_back(*allocator.create_buffer(buffer_info(100, VK_BUFFER_USAGE_VERTEX_BUFFER_BIT), {}));
  VkBufferCreateInfo shared = buffer_info(100);
  shared.sharingMode = VK_SHARING_MODE_CONCURRENT;
  all.push_back(*allocator.create_buffer(shared, {}));
  VkImageCreateInfo image = image_info(VK_FORMAT_R8G8B8A8_UNORM, {8, 8, 1}, 1, 1, VK_IMAGE_USAGE_SAMPLED_BIT);
  all.push_back(*allocator.create_image(image, {}));
  EXPECT_TRUE(mover_.can_move(all.back()));  // there is nothing to copy yet
  allocator.has_contents(all.back());
  image.tiling = VK_IMAGE_TILING_LINEAR;
  all.push_back(*allocator.create_image(image, {.memory = MemoryUse::upload}));
  EXPECT_TRUE(mover_.can_move(all.back()));
  ASSERT_TRUE(allocator.map(all.back()));  // from now on the host may have written it
  allocator.unmap(all.back());
  for (const Allocation& allocation : all) {
    EXPECT_FALSE(mover_.can_move(allocation));
    EXPECT_EQ(move_now(allocation), VK_ERROR_FEATURE_NOT_PRESENT);
  }
  allocator.destroy(all);
}

TEST_F(MoverTest, AMappedBufferStaysUntilItIsUnmapped) {
  const Allocation& allocation = world_.objects.at(world_.buffer(100, MemoryUse::upload)).allocation;
  ASSERT_TRUE(world_.allocator.map(allocation));
  EXPECT_EQ(move_now(allocation), VK_ERROR_FEATURE_NOT_PRESENT);
  world_.allocator.unmap(allocation);
  EXPECT_EQ(move_now(allocation), VK_SUCCESS);
}

TEST_F(MoverTest, AnImageThatTheHostWroteStaysWithAndAfterItsAliases) {
  const VkImageCreateInfo info = image_info(VK_FORMAT_R8G8B8A8_UNORM, {16, 16, 1});
  for (const bool aliased : {false, true}) {
    const MemoryRequest request{.memory = MemoryUse::upload, .shared = aliased};
    const Allocation target = *world_.allocator.create_image(info, request);
    std::optional<Allocation> alias;
    if (aliased) alias = *world_.allocator.create_aliasing_image(info, request, target);
    ASSERT_TRUE(world_.allocator.map(target));
    world_.allocator.unmap(target);
    if (alias) world_.allocator.destroy(*alias);
    EXPECT_EQ(move_now(target), VK_ERROR_FEATURE_NOT_PRESENT);
    world_.allocator.destroy(target);
  }
}

TEST_F(MoverTest, WhatMovesAlreadyDoesNotMoveTwice) {
  const Allocation allocation = world_.objects.at(world_.buffer(100)).allocation;
  ASSERT_EQ(mover_.add(allocation, {}), VK_SUCCESS);
  EXPECT_EQ(mover_.add(allocation, {}), VK_ERROR_FEATURE_NOT_PRESENT);
  EXPECT_EQ(mover_.pending(), 1u);
}

TEST_F(MoverTest, ADestroyedAllocationIsGoneAfterTheWait) {
  const std::uint64_t submitted = world_.buffer(100);
  const std::uint64_t kept = world_.image({8, 8, 1});
  ASSERT_EQ(mover_.add(world_.objects.at(submitted).allocation, {}), VK_SUCCESS);
  ASSERT_EQ(mover_.add(world_.objects.at(kept).allocation, {}), VK_SUCCESS);
  ASSERT_EQ(mover_.submit(), VK_SUCCESS);
  const Allocation gone = world_.objects.at(submitted).allocation;
  world_.remove(submitted);
  EXPECT_FALSE(world_.allocator.contains(gone));
  EXPECT_EQ(world_.allocator.live_allocations().size(), 1u);
  ASSERT_EQ(mover_.wait(kNoTimeout, moved_), VK_SUCCESS);
  EXPECT_EQ(mover_.dropped(), 1u);
  ASSERT_EQ(moved_.size(), 1u);
  EXPECT_EQ(moved_[0].user, kept);
  world_.apply(moved_);
  world_.verify();
}

TEST_F(MoverTest, AnAllocationMappedMeanwhileStays) {
  const std::uint64_t user = world_.buffer(100, MemoryUse::upload);
  const Allocation allocation = world_.objects.at(user).allocation;
  ASSERT_EQ(mover_.add(allocation, {MemoryUse::upload}), VK_SUCCESS);
  ASSERT_EQ(mover_.submit(), VK_SUCCESS);
  ASSERT_TRUE(world_.allocator.map(allocation));
  ASSERT_EQ(mover_.wait(kNoTimeout, moved_), VK_SUCCESS);
  EXPECT_TRUE(moved_.empty());
  EXPECT_EQ(mover_.dropped(), 1u);
  world_.allocator.unmap(allocation);
  world_.verify();
}

TEST_F(MoverTest, AWaitThatTimesOutChangesNothingAndALaterOneCommits) {
  const std::uint64_t user = world_.buffer(5000);
  const std::uint64_t other = world_.buffer(6000);
  world_.fences.stuck = true;
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ(mover_.add(world_.objects.at(round == 0 ? user : other).allocation, {}), VK_SUCCESS);
    ASSERT_EQ(mover_.submit(), VK_SUCCESS);
    EXPECT_EQ(mover_.wait(1000, moved_), VK_TIMEOUT);
  }
  const std::uint64_t third = world_.buffer(7000);
  EXPECT_EQ(mover_.add(world_.objects.at(third).allocation, {}), VK_TIMEOUT);  // no command buffer is free
  EXPECT_EQ(mover_.pending(), 2u);
  EXPECT_TRUE(moved_.empty());
  world_.fences.stuck = false;
  world_.verify();  // the old places still hold
  ASSERT_EQ(mover_.wait(1000, moved_), VK_SUCCESS);
  EXPECT_EQ(moved_.size(), 2u);
  world_.apply(moved_);
  world_.verify();
}

TEST_F(MoverTest, AMoverThatGoesLeavesWhatNobodyWaitedFor) {
  const std::uint64_t user = world_.buffer(5000);
  const std::uint64_t destroyed = world_.image({8, 8, 1});
  {
    Mover mover(world_.allocator);
    ASSERT_EQ(mover.add(world_.objects.at(user).allocation, {}), VK_SUCCESS);
    ASSERT_EQ(mover.submit(), VK_SUCCESS);
    ASSERT_EQ(mover.add(world_.objects.at(destroyed).allocation, {}), VK_SUCCESS);
    world_.remove(destroyed);
  }
  world_.verify();
  EXPECT_EQ(simulated_leaks(*world_.owner).images, 0u);
}

struct Step {
  EntryPoint entry;
  VkResult failure;
};
class MoverFault : public testing::TestWithParam<Step> {};
INSTANTIATE_TEST_SUITE_P(Steps, MoverFault,
                         testing::Values(Step{EntryPoint::create_buffer, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::create_image, VK_ERROR_OUT_OF_DEVICE_MEMORY},
                                         Step{EntryPoint::bind_buffer_memory, VK_ERROR_OUT_OF_DEVICE_MEMORY},
                                         Step{EntryPoint::bind_image_memory, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::allocate_memory, VK_ERROR_OUT_OF_DEVICE_MEMORY},
                                         Step{EntryPoint::reset_fences, VK_ERROR_OUT_OF_DEVICE_MEMORY},
                                         Step{EntryPoint::queue_submit, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::wait_for_fences, VK_ERROR_OUT_OF_DEVICE_MEMORY}),
                         [](const auto& row) {
                           return std::string(kEntryPointNames[static_cast<std::size_t>(row.param.entry)]);
                         });

TEST_P(MoverFault, LeavesEveryObjectReadable) {
  AllocatorOptions options;
  options.fallback = FallbackPolicy::forbid;
  bool fired = false;
  for (std::uint64_t nth = 1; nth <= 3; ++nth) {
    MovingFixture world(open_with_contents(test_profile("discrete")), options);
    Mover mover(world.allocator);
    for (int i = 0; i < 3; ++i) {
      (void)world.buffer(3000 + static_cast<Bytes>(i));
      (void)world.buffer(17 * kMiB / 4, MemoryUse::upload);
      (void)world.image({30, 20, 1}, 2);
    }
    world.faults.fail(GetParam().entry, nth, GetParam().failure);
    std::pmr::vector<Moved> moved;
    std::size_t failed = 0;
    for (const auto& [user, object] : world.objects) {
      if (mover.add(object.allocation, {object.mappable ? MemoryUse::readback : MemoryUse::device}) != VK_SUCCESS)
        ++failed;
      if (user % 3 != 0) continue;
      if (mover.submit() != VK_SUCCESS) ++failed;
      if (mover.wait(1000, moved) != VK_SUCCESS) ++failed;
    }
    ASSERT_EQ(mover.wait(1000, moved), VK_SUCCESS);
    world.apply(moved);
    ASSERT_NO_FATAL_FAILURE(world.verify());
    EXPECT_EQ(mover.pending(), 0u);
    fired |= world.faults.fired(GetParam().entry);
    EXPECT_EQ(failed, world.faults.fired(GetParam().entry) ? 1u : 0u);
  }
  EXPECT_TRUE(fired);
}

TEST(MoverDeathTest, AnAllocationDestroyedOnTheMoveIsNotDestroyedAgain) {
  MovingFixture world(open_with_contents(test_profile("discrete")));
  Mover mover(world.allocator);
  const std::uint64_t user = world.buffer(100);
  const Allocation allocation = world.objects.at(user).allocation;
  ASSERT_EQ(mover.add(allocation, {}), VK_SUCCESS);
  world.remove(user);
  EXPECT_DEATH(world.allocator.destroy(allocation), "between its creation and its destruction");
}

}  // namespace
}  // namespace vkmembench
