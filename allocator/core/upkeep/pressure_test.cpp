#include "allocator/core/upkeep/pressure.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "allocator/testing/moving_fixture.h"

namespace vkmembench {
namespace {

constexpr Bytes kBlock = 256 * kKiB;

AllocatorOptions small_blocks() {
  AllocatorOptions options;
  options.first_block_bytes = options.min_block_bytes = options.max_block_bytes = kBlock;
  options.fallback = FallbackPolicy::forbid;
  return options;
}

// Hears what a Pressure does, and checks that it may.
class World : public StrategyListener, public MovingFixture {
 public:
  explicit World(const PressureSettings& settings = {}, const AllocatorOptions& options = small_blocks())
      : MovingFixture(open_with_contents(test_profile("discrete")), options),
        pressure(std::make_unique<Pressure>(allocator, settings, *this)) {}

  void moved(std::uint64_t user, const Allocation& after) override { objects.at(user).allocation = after; }
  void evicted(std::uint64_t user) override {
    EXPECT_TRUE(evictable.contains(user)) << user;
    EXPECT_FALSE(allocator.contains(objects.at(user).allocation));
    objects.erase(user);
    gone.push_back(user);
  }
  void noticed(const Notice& notice) override { notices.push_back(notice); }

  std::uint64_t add(Bytes size, bool may_go) {
    const std::uint64_t user = buffer(size, MemoryUse::device, 0, may_go);
    if (user != 0 && may_go) evictable.insert(user);
    return user;
  }
  void frame(std::uint64_t n) {
    allocator.begin_frame(n);
    pressure->begin_frame();
  }
  void set_budget(Bytes bytes) { allocator.budget().set_budget(0, bytes); }
  [[nodiscard]] Bytes reserved() { return allocator.budget().reserved(0); }
  [[nodiscard]] std::size_t count(Notice::Kind kind) const {
    return static_cast<std::size_t>(std::ranges::count(notices, kind, &Notice::kind));
  }

  std::unique_ptr<Pressure> pressure;
  std::set<std::uint64_t> evictable;
  std::vector<std::uint64_t> gone;
  std::vector<Notice> notices;
};

TEST(Pressure, WithinTheBudgetEverythingStays) {
  World world;
  for (int i = 0; i < 20; ++i) (void)world.add(100'000, true);
  const Bytes held = world.reserved();
  for (std::uint64_t n = 1; n < 2000; n += 100) world.frame(n);
  EXPECT_EQ(world.reserved(), held);
  EXPECT_EQ(world.pressure->totals().freed_bytes, 0u);
  world.verify();
}

TEST(Pressure, EmptyBlocksGoFirst) {
  World world;
  const std::uint64_t doomed = world.add(kBlock, false);
  (void)world.add(kBlock, true);
  world.remove(doomed);
  ASSERT_EQ(world.reserved(), 2 * kBlock);  // the empty one is kept
  world.set_budget(kBlock);
  world.frame(2000);
  EXPECT_EQ(world.reserved(), kBlock);
  EXPECT_TRUE(world.gone.empty());
  EXPECT_EQ(world.pressure->totals().freed_bytes, kBlock);
}

TEST(Pressure, WhatIsIdleForLongGoesLeastRecentlyUsedFirst) {
  World world;
  std::vector<std::uint64_t> users;
  for (int i = 0; i < 8; ++i) users.push_back(world.add(kBlock, i != 2));
  const std::array<std::uint64_t, 8> used = {300, 100, 0, 200, 350, 50, 900, 400};
  for (std::uint64_t n = 1; n <= 900; ++n) {
    world.frame(n);
    for (std::size_t i = 0; i < users.size(); ++i)
      if (used[i] == n) world.allocator.touch(world.objects.at(users[i]).allocation);
  }
  world.set_budget(5 * kBlock);
  world.frame(1010);
  EXPECT_EQ(world.gone, (std::vector<std::uint64_t>{users[5], users[1], users[3]}));
  EXPECT_EQ(world.reserved(), 5 * kBlock);
  EXPECT_EQ(world.pressure->totals().evicted, 3u);
  EXPECT_EQ(world.pressure->totals().evicted_bytes, 3 * kBlock);
  world.verify();
}

TEST(Pressure, MapsAndContentsAreUses) {
  World world;
  const std::uint64_t mapped = world.buffer(kBlock, MemoryUse::upload, 0, true);
  world.allocator.begin_frame(700);
  (void)*world.allocator.map(world.objects.at(mapped).allocation);
  EXPECT_EQ(world.allocator.record(world.objects.at(mapped).allocation).used_frame, 700u);
  EXPECT_EQ(world.allocator.record(world.objects.at(mapped).allocation).uses, 1u);
  world.evictable.insert(mapped);
  world.allocator.budget().set_budget(1, 0);
  world.frame(5000);
  EXPECT_TRUE(world.gone.empty());  // while mapped
  world.allocator.unmap(world.objects.at(mapped).allocation);
  world.frame(5001);
  EXPECT_EQ(world.gone.size(), 1u);
  const std::uint64_t image = world.image({16, 16, 1});
  EXPECT_EQ(world.allocator.record(world.objects.at(image).allocation).used_frame, 5001u);
  EXPECT_EQ(world.allocator.record(world.objects.at(image).allocation).uses, 1u);
}

// 64 buffers of 4 KiB a block.
TEST(Pressure, BlocksThatBecomeEmptyGoBeforeOthersAreThinned) {
  World world;
  std::vector<std::uint64_t> pinned_block, free_block;
  for (int i = 0; i < 64; ++i) pinned_block.push_back(world.add(4 * kKiB, i != 30));
  for (int i = 0; i < 64; ++i) free_block.push_back(world.add(4 * kKiB, true));
  ASSERT_EQ(world.reserved(), 2 * kBlock);
  for (std::uint64_t n = 1; n < 50; ++n) world.frame(n);
  for (const std::uint64_t user : free_block) world.allocator.touch(world.objects.at(user).allocation);
  world.set_budget(kBlock);
  world.frame(60);
  EXPECT_EQ(world.gone, free_block);
  EXPECT_EQ(world.reserved(), kBlock);
  world.verify();
}

TEST(Pressure, WhatAFrameInFlightUsesStays) {
  World world({.frames_in_flight = 2});
  const std::uint64_t user = world.add(kBlock, true);
  world.set_budget(0);
  for (const std::uint64_t n : {1u, 2u}) {
    world.frame(n);
    EXPECT_TRUE(world.gone.empty());
  }
  world.frame(3);
  EXPECT_EQ(world.gone, std::vector<std::uint64_t>{user});
  EXPECT_EQ(world.reserved(), 0u);
}

TEST(Pressure, WhatStaysIsPackedTogether) {
  World world;
  for (int i = 0; i < 4 * 64; ++i) (void)world.add(4 * kKiB, i % 4 != 0);  // every fourth stays, in four blocks
  ASSERT_EQ(world.reserved(), 4 * kBlock);
  world.set_budget(kBlock);
  world.frame(10);
  EXPECT_EQ(world.reserved(), kBlock);
  EXPECT_GT(world.pressure->totals().compacted.moves, 0u);
  EXPECT_EQ(world.pressure->totals().compacted.blocks_freed, 3u);
  world.verify();
}

TEST(Pressure, PackingAloneServesWhenNothingMayBeEvicted) {
  World world({.evict = EvictPolicy::never});
  std::vector<std::uint64_t> doomed;
  for (int i = 0; i < 4 * 64; ++i)
    if (const std::uint64_t user = world.add(4 * kKiB, true); i % 4 != 0) doomed.push_back(user);
  for (const std::uint64_t user : doomed) world.remove(user);
  world.set_budget(kBlock);
  world.frame(5000);
  EXPECT_EQ(world.reserved(), kBlock);
  EXPECT_TRUE(world.gone.empty());
  world.set_budget(0);
  world.frame(5001);
  EXPECT_EQ(world.reserved(), kBlock);
  world.verify();
}

TEST(Pressure, PolicyUnderPressureKeepsBelowTheThreshold) {
  World world({.pressure_at = 0.5, .evict = EvictPolicy::under_pressure});
  for (int i = 0; i < 8; ++i) (void)world.add(kBlock, true);
  world.set_budget(10 * kBlock);
  world.frame(10);
  EXPECT_EQ(world.reserved(), 5 * kBlock);
}

TEST(Pressure, ThresholdsAreToldOnceACrossing) {
  World world({.evict = EvictPolicy::never});
  std::vector<std::uint64_t> users;
  for (int i = 0; i < 10; ++i) users.push_back(world.add(kBlock, true));
  const auto expect = [&](std::uint64_t frame, Bytes budget, std::size_t pressed, std::size_t high) {
    world.set_budget(budget);
    world.frame(frame);
    EXPECT_EQ(world.count(Notice::Kind::pressure), pressed) << frame;
    EXPECT_EQ(world.count(Notice::Kind::usage_high), high) << frame;
    EXPECT_EQ(world.pressure->totals().callbacks, pressed);
  };
  expect(1, 12 * kBlock, 0, 0);        // 0.83
  expect(2, 11 * kBlock + 100, 1, 1);  // 0.909
  expect(3, 11 * kBlock, 1, 1);        // still
  expect(4, 115 * kBlock / 10, 1, 1);  // 0.87
  expect(5, 11 * kBlock, 1, 2);        // above 0.90 again
  expect(6, 20 * kBlock, 1, 2);
  expect(7, 115 * kBlock / 10, 2, 2);
  EXPECT_EQ(world.notices.front().heap, 0u);
  EXPECT_EQ(world.notices.front().bytes, 10 * kBlock);
  EXPECT_EQ(world.notices.front().limit, 11 * kBlock + 100);
}

TEST(Pressure, FragmentationIsToldOnceACrossing) {
  World world;
  std::vector<std::uint64_t> users;
  for (int i = 0; i < 64; ++i) users.push_back(world.add(4 * kKiB, false));
  world.frame(1);
  EXPECT_EQ(world.count(Notice::Kind::fragmentation_high), 0u);
  for (std::size_t i = 0; i < users.size(); i += 2) world.remove(users[i]);
  world.frame(2);
  world.frame(3);
  ASSERT_EQ(world.count(Notice::Kind::fragmentation_high), 1u);
  EXPECT_GT(world.notices.back().ratio, 0.40);
}

TEST(Pressure, ACreateEvictsRatherThanBeRefused) {
  AllocatorOptions options = small_blocks();
  options.prefer_within_budget = true;
  World world({.frames_in_flight = 2}, options);
  world.set_budget(4 * kBlock);
  std::vector<std::uint64_t> users;
  for (int i = 0; i < 4; ++i) users.push_back(world.add(kBlock, i != 0));
  world.allocator.begin_frame(2);
  world.allocator.touch(world.objects.at(users[1]).allocation);
  world.allocator.begin_frame(4);
  const std::uint64_t added = world.add(kBlock, false);
  ASSERT_NE(added, 0u);
  EXPECT_EQ(world.gone, std::vector<std::uint64_t>{users[2]});
  EXPECT_EQ(world.reserved(), 4 * kBlock);
  world.verify();
}

TEST(Pressure, ACreateIsRefusedWhenNothingMayGo) {
  for (const bool allowed : {false, true}) {
    World world({.frames_in_flight = 2, .evict_on_create = allowed});
    world.fill_objects(false);
    std::vector<std::uint64_t> users;
    for (int i = 0; i < 32; ++i) users.push_back(world.add(8 * kMiB, true));  // the whole heap
    world.allocator.begin_frame(2);
    EXPECT_EQ(world.add(8 * kMiB, true), 0u);  // the frames in flight may use all of it
    world.allocator.begin_frame(3);
    EXPECT_EQ(world.add(8 * kMiB, true) != 0, allowed);
    EXPECT_EQ(world.gone.size(), allowed ? 1u : 0u);
    if (allowed) {
      EXPECT_EQ(world.gone.front(), users.front());
    }
  }
}

// What is asked for while it moves, or by a mover, is no reason to lose anything.
TEST(Pressure, AMoveEvictsNothing) {
  World world;
  world.fill_objects(false);
  for (int i = 0; i < 32; ++i) (void)world.add(8 * kMiB, true);
  world.allocator.begin_frame(10);
  Mover mover(world.allocator);
  EXPECT_EQ(mover.add(world.objects.begin()->second.allocation, {}), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_TRUE(world.gone.empty());
}

struct Step {
  EntryPoint entry;
  VkResult failure;
};
class PressureFault : public testing::TestWithParam<Step> {};
INSTANTIATE_TEST_SUITE_P(Steps, PressureFault,
                         testing::Values(Step{EntryPoint::create_command_pool, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::create_fence, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::create_buffer, VK_ERROR_OUT_OF_DEVICE_MEMORY},
                                         Step{EntryPoint::bind_buffer_memory, VK_ERROR_OUT_OF_DEVICE_MEMORY},
                                         Step{EntryPoint::queue_submit, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::wait_for_fences, VK_ERROR_OUT_OF_DEVICE_MEMORY}),
                         [](const auto& row) {
                           return std::string(kEntryPointNames[static_cast<std::size_t>(row.param.entry)]);
                         });

TEST_P(PressureFault, NothingIsLostButWhatMayGoAndALaterFrameSucceeds) {
  for (std::uint64_t nth = 1; nth <= 2; ++nth) {
    World world;
    for (int i = 0; i < 4 * 64; ++i) (void)world.add(4 * kKiB, i % 4 != 0);
    world.set_budget(kBlock);
    world.faults.fail(GetParam().entry, nth, GetParam().failure);
    world.frame(10);
    ASSERT_NO_FATAL_FAILURE(world.verify());
    EXPECT_TRUE(nth > 1 || world.faults.fired(GetParam().entry));
    for (std::uint64_t n = 11; n < 80; ++n) world.frame(n);
    EXPECT_EQ(world.reserved(), kBlock);
    ASSERT_NO_FATAL_FAILURE(world.verify());
    for (int i = 0; i < 4 * 64; i += 4) ASSERT_TRUE(world.objects.contains(static_cast<std::uint64_t>(i) + 1));
  }
}

// Random use under random budgets: what is not evictable is never lost, contents stay, and a frame ends within its
// budget whenever evicting could see to that.
class PressureProperty : public testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Seeds, PressureProperty, testing::Range(1u, 9u));

TEST_P(PressureProperty, OnlyEvictableIsLostAndBudgetsHold) {
  std::mt19937_64 random(GetParam());
  World world({.evict_idle_frames = 20, .frames_in_flight = 2});
  std::map<std::uint64_t, std::uint64_t> used;  // last frame
  std::set<std::uint64_t> precious;
  std::uint64_t over = 0;
  std::uint64_t most_over = 0;
  for (std::uint64_t n = 1; n <= 150; ++n) {
    if (n % 10 == 0) world.set_budget(kBlock * (random() % 24));
    world.frame(n);
    for (const std::uint64_t user : precious) ASSERT_TRUE(world.objects.contains(user));
    Bytes stays = 0;
    for (const auto& [user, object] : world.objects)
      if (precious.contains(user) || n - used.at(user) <= 2) stays += align_up(object.size, 16);
    // Packed, they leave at most the tail of each block and one block half empty.
    const bool enough = stays + stays / 8 + 2 * kBlock <= world.allocator.budget().budget(0);
    over = world.reserved() > world.allocator.budget().budget(0) && enough ? over + 1 : 0;
    most_over = std::max(most_over, over);
    if (n % 5 == 0) {
      ASSERT_NO_FATAL_FAILURE(world.verify());
    }
    for (int i = 0; i < 12; ++i) {
      const bool may_go = random() % 3 != 0;
      const std::uint64_t user = world.add(1 + random() % (16 * kKiB), may_go);
      if (user == 0) continue;
      used[user] = n;
      if (!may_go) precious.insert(user);
    }
    for (auto it = world.objects.begin(); it != world.objects.end();) {
      const std::uint64_t user = it->first;
      const Allocation allocation = (it++)->second.allocation;
      const std::uint64_t dice = random() % 100;
      if (dice < 10) {
        world.allocator.touch(allocation);
        used[user] = n;
      } else if (dice < (precious.contains(user) ? 16u : 13u)) {
        precious.erase(user);
        world.remove(user);
      }
    }
  }
  EXPECT_LE(most_over, 2u);
  EXPECT_GT(world.gone.size(), 0u);
}

}  // namespace
}  // namespace vkmembench
