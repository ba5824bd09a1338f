#include "allocator/core/upkeep/tiers.h"

#include <gtest/gtest.h>

#include "allocator/testing/moving_fixture.h"

namespace vkmembench {
namespace {

constexpr std::array kTiers = {Tier::hot, Tier::warm, Tier::cold};

TEST(TierPolicy, ClassifiesByRateAndIdleness) {
  struct Row {
    double rate;
    std::uint32_t idle;
    Tier tier;
  };
  for (const Row& row :
       {Row{1, 0, Tier::hot}, Row{0.11, 5000, Tier::hot}, Row{0.10, 0, Tier::warm}, Row{0.011, 999, Tier::warm},
        Row{0.05, 1000, Tier::cold}, Row{0.01, 0, Tier::cold}, Row{0, 0, Tier::cold}})
    EXPECT_EQ(classify({row.rate, row.idle}), row.tier) << row.rate << ", " << row.idle;
}

TEST(TierPolicy, RisesAtOnceAndFallsReluctantly) {
  EXPECT_EQ(next_tier(Tier::cold, {0.02, 0}), Tier::warm);
  EXPECT_EQ(next_tier(Tier::cold, {0.2, 0}), Tier::hot);
  EXPECT_EQ(next_tier(Tier::hot, {0.06, 0}), Tier::hot);
  EXPECT_EQ(next_tier(Tier::hot, {0.05, 0}), Tier::warm);
  EXPECT_EQ(next_tier(Tier::hot, {0.007, 0}), Tier::warm);
  EXPECT_EQ(next_tier(Tier::hot, {0.001, 0}), Tier::cold);
  EXPECT_EQ(next_tier(Tier::warm, {0.007, 0}), Tier::warm);
  EXPECT_EQ(next_tier(Tier::warm, {0.05, 1000}), Tier::cold);
}

TEST(TierPolicy, ASteadyRateMovesABufferOnceAtMost) {
  for (const Tier start : kTiers)
    for (int i = 0; i < 400; ++i)
      for (const std::uint32_t idle : {0u, 999u, 1000u}) {
        const AccessRate rate{i * 0.001, idle};
        const Tier there = next_tier(start, rate);
        EXPECT_EQ(next_tier(there, rate), there);
        EXPECT_EQ(next_tier(there, {rate.uses_per_frame * 1.01, idle}) > there, false);
      }
}

TEST(TierPolicy, EachTierIsAUseOfMemory) {
  for (const Tier tier : kTiers) EXPECT_EQ(tier_of(memory_of(tier)), tier);
  EXPECT_DEATH((void)tier_of(MemoryUse::readback), "one of three");
}

// A discrete device that also has a window of host-visible device memory: type 0 device, 1 and 2 host, 3 the window.
DeviceProfile with_window(Bytes bytes = 32 * kMiB) {
  DeviceProfile profile = test_profile("discrete");
  VkPhysicalDeviceMemoryProperties& memory = profile.memory;
  memory.memoryHeaps[2] = {bytes, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT};
  profile.budgets[2] = bytes;
  memory.memoryHeapCount = 3;
  memory.memoryTypes[3] = {
      VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT,
      2};
  memory.memoryTypeCount = 4;
  for (BufferRule& rule : profile.buffers) rule.answer.memory_type_bits = 0xf;
  for (ImageRule& rule : profile.images) rule.answer.memory_type_bits = 0xf;
  return profile;
}

class World : public MovingFixture {
 public:
  explicit World(const TierSettings& settings = {}, const DeviceProfile& profile = with_window())
      : MovingFixture(open_with_contents(profile)), tiers(allocator, settings) {}

  // Frames on end, in which every user is used each `period` frames.
  void run(std::uint64_t frames, const std::map<std::uint64_t, std::uint64_t>& periods) {
    for (std::uint64_t i = 0; i < frames; ++i) {
      allocator.begin_frame(++frame);
      std::pmr::vector<Moved> moved;
      if (tiers.begin_frame(moved) != VK_SUCCESS) ++failures;
      most_moved = std::max(most_moved, moved.size());
      ASSERT_NO_FATAL_FAILURE(apply(moved));
      for (const auto& [user, period] : periods)
        if (frame % period == 0) allocator.touch(objects.at(user).allocation);
    }
  }
  [[nodiscard]] std::uint32_t type_of(std::uint64_t user) const { return objects.at(user).allocation.memory_type; }

  Tiers tiers;
  std::uint64_t frame = 0;
  std::size_t most_moved = 0;
  std::size_t failures = 0;
};

TEST(Tiers, BuffersMoveToWhereTheirUseBelongs) {
  World world;
  const std::uint64_t hot = world.buffer(10'000);
  const std::uint64_t warm = world.buffer(20'000);
  const std::uint64_t cold = world.buffer(30'000);
  world.run(59, {{hot, 2}, {warm, 20}});
  for (const std::uint64_t user : {hot, warm, cold}) EXPECT_EQ(world.type_of(user), 0u);
  world.run(61, {{hot, 2}, {warm, 20}});
  EXPECT_EQ(world.type_of(hot), 3u);
  EXPECT_EQ(world.type_of(warm), 0u);
  EXPECT_EQ(world.type_of(cold), 1u);
  EXPECT_EQ(world.tiers.totals().migrations, 2u);
  EXPECT_GE(world.tiers.totals().bytes, 40'000u);
  world.verify();
  world.run(600, {{hot, 2}, {warm, 20}});
  EXPECT_EQ(world.tiers.totals().migrations, 2u);  // nothing goes back and forth
  world.run(400, {{warm, 3}, {cold, 1}});
  EXPECT_EQ(world.type_of(warm), 3u);
  EXPECT_EQ(world.type_of(cold), 3u);
  world.run(2000, {{warm, 1}});
  EXPECT_EQ(world.type_of(cold), 3u);  // still used often in all
  world.run(8000, {{warm, 1}});
  EXPECT_EQ(world.type_of(cold), 1u);
  EXPECT_EQ(world.type_of(warm), 3u);
  world.verify();
}

TEST(Tiers, OnlyBuffersAskedForTheDeviceMove) {
  World world;
  std::vector<std::uint64_t> users;
  for (const MemoryUse use : {MemoryUse::upload, MemoryUse::readback, MemoryUse::dynamic, MemoryUse::host})
    users.push_back(world.buffer(5000, use));
  users.push_back(world.image({32, 32, 1}));
  std::vector<std::uint64_t> types;
  for (const std::uint64_t user : users) types.push_back(world.type_of(user));
  const std::uint64_t aliased = world.buffer(5000);
  const Allocation alias =
      *world.allocator.create_aliasing_buffer(buffer_info(100), {}, world.objects.at(aliased).allocation);
  world.run(500, {{users[0], 1}, {users[2], 1}, {users[4], 1}, {aliased, 1}});
  for (std::size_t i = 0; i < users.size(); ++i) EXPECT_EQ(world.type_of(users[i]), types[i]);
  EXPECT_EQ(world.type_of(aliased), 0u);
  EXPECT_EQ(world.tiers.totals().migrations, 0u);
  world.allocator.destroy(alias);
  world.run(60, {{aliased, 1}});
  EXPECT_EQ(world.type_of(aliased), 3u);
}

TEST(Tiers, OneKindOfMemoryIsOneTier) {
  World world({}, test_profile("unified"));
  const std::uint64_t hot = world.buffer(5000);
  (void)world.buffer(5000);
  world.run(300, {{hot, 1}});
  EXPECT_EQ(world.tiers.totals().migrations, 0u);
  EXPECT_EQ(world.tiers.totals().failed, 0u);
}

TEST(Tiers, AFrameMovesSoMuchAtMost) {
  World world({.moves_per_frame = 3, .bytes_per_frame = 100'000});
  std::map<std::uint64_t, std::uint64_t> used;
  for (int i = 0; i < 20; ++i) used[world.buffer(20'000)] = 1;
  for (int i = 0; i < 2; ++i) used[world.buffer(300'000)] = 1;
  world.run(60 + 11, used);
  EXPECT_EQ(world.most_moved, 3u);
  EXPECT_EQ(world.tiers.totals().migrations, 22u);
  world.verify();
}

TEST(Tiers, TheWindowIsNotOverfilled) {
  World world({}, with_window(2 * kMiB));
  world.fill_objects(false);
  std::map<std::uint64_t, std::uint64_t> used;
  for (int i = 0; i < 40; ++i) used[world.buffer(256 * kKiB)] = 1;
  world.run(200, used);
  EXPECT_LE(world.allocator.budget().reserved(2), 2 * kMiB);
  std::size_t in_window = 0;
  for (const auto& [user, object] : world.objects) {
    EXPECT_TRUE(object.allocation.memory_type == 0 || object.allocation.memory_type == 3);
    in_window += object.allocation.memory_type == 3;
  }
  EXPECT_GT(in_window, 0u);
}

TEST(Tiers, WhatIsDestroyedMeanwhileIsLeftAlone) {
  World world({.moves_per_frame = 1});
  std::vector<std::uint64_t> users;
  for (int i = 0; i < 10; ++i) users.push_back(world.buffer(5000));
  world.run(61, {});
  for (std::size_t i = 0; i < users.size(); i += 2) world.remove(users[i]);
  const std::uint64_t again = world.buffer(5000);  // where one of them was
  world.run(20, {});
  EXPECT_EQ(world.type_of(again), 0u);
  for (std::size_t i = 1; i < users.size(); i += 2) EXPECT_EQ(world.type_of(users[i]), 1u);
  world.verify();
}

struct Step {
  EntryPoint entry;
  VkResult failure;
};
class TierFault : public testing::TestWithParam<Step> {};
INSTANTIATE_TEST_SUITE_P(Steps, TierFault,
                         testing::Values(Step{EntryPoint::create_buffer, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::allocate_memory, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::bind_buffer_memory, VK_ERROR_OUT_OF_DEVICE_MEMORY},
                                         Step{EntryPoint::queue_submit, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::wait_for_fences, VK_ERROR_OUT_OF_DEVICE_MEMORY}),
                         [](const auto& row) {
                           return std::string(kEntryPointNames[static_cast<std::size_t>(row.param.entry)]);
                         });

TEST_P(TierFault, EverythingStaysReadableAndALaterScanSucceeds) {
  World world;
  std::map<std::uint64_t, std::uint64_t> used;
  for (int i = 0; i < 3; ++i) used[world.buffer(5000 + static_cast<Bytes>(i))] = 1;
  world.run(59, used);
  world.faults.fail(GetParam().entry, 1, GetParam().failure);
  world.run(3, used);
  ASSERT_TRUE(world.faults.fired(GetParam().entry));
  ASSERT_NO_FATAL_FAILURE(world.verify());
  world.run(70, used);
  for (const auto& [user, period] : used) EXPECT_EQ(world.type_of(user), 3u);
  world.verify();
}

}  // namespace
}  // namespace vkmembench
