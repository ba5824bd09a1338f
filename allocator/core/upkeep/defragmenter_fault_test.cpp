// Defragmentation of devices that fail, and of a whole scene.
#include <gtest/gtest.h>

#include <tuple>

#include "allocator/base/vulkan_names.h"
#include "allocator/testing/defragmenter_fixture.h"

namespace vkmembench {
namespace {

struct Step {
  EntryPoint entry;
  VkResult failure;
};
// All that a device survives.
std::vector<Step> steps() {
  std::vector<Step> steps;
  for (const FallibleCall& call : kFallible) {
    for (const VkResult failure : call.results)
      if (failure != VK_ERROR_DEVICE_LOST) steps.push_back({call.entry, failure});
  }
  return steps;
}
// Of what a defragmentation calls for certain.
bool is_reached(EntryPoint entry) {
  return entry == EntryPoint::create_buffer || entry == EntryPoint::create_image ||
         entry == EntryPoint::bind_buffer_memory || entry == EntryPoint::bind_image_memory ||
         entry == EntryPoint::allocate_memory || entry == EntryPoint::begin_command_buffer ||
         entry == EntryPoint::end_command_buffer || entry == EntryPoint::reset_fences ||
         entry == EntryPoint::queue_submit || entry == EntryPoint::wait_for_fences;
}

class DefragmenterFault : public testing::TestWithParam<Step> {};
INSTANTIATE_TEST_SUITE_P(Steps, DefragmenterFault, testing::ValuesIn(steps()), [](const auto& row) {
  return std::string(kEntryPointNames[static_cast<std::size_t>(row.param.entry)]) + "_" +
         result_name(row.param.failure);
});

TEST_P(DefragmenterFault, LeavesTheAllocatorConsistentAndEveryObjectReadable) {
  bool fired = false;
  for (std::uint64_t nth = 1; nth <= 6; ++nth) {
    auto owner = open_with_contents(test_profile("discrete"));
    const DeviceOwner& device = *owner;
    SimulatedLeaks before;
    {
      MovingFixture world(std::move(owner), small_blocks());
      scatter(world, 11, 200);
      (void)world.buffer(250 * kKiB);  // room below the peak for replacements
      world.remove(world.objects.rbegin()->first);
      Defragmenter defragmenter(world.allocator);
      defragmenter.start({.algorithm = DefragmentAlgorithm::extensive, .max_moves_per_pass = 7});
      world.faults.fail(GetParam().entry, nth, GetParam().failure);
      for (int passes = 0; !defragmenter.finished(); ++passes) {
        ASSERT_LT(passes, 500);
        std::pmr::vector<Moved> moved;
        const VkResult begun = defragmenter.begin_pass();
        ASSERT_TRUE(begun == VK_SUCCESS || begun == GetParam().failure);
        if (defragmenter.end_pass(1000, moved) != VK_SUCCESS) {
          ASSERT_TRUE(moved.empty());
          ASSERT_EQ(defragmenter.end_pass(1000, moved), VK_SUCCESS);
        }
        world.apply(moved);
        ASSERT_NO_FATAL_FAILURE(world.verify());
      }
      fired |= world.faults.fired(GetParam().entry);
      while (!world.objects.empty()) world.remove(world.objects.begin()->first);
      world.allocator.trim();
      EXPECT_EQ(world.allocator.budget().objects(), 0u);
      before = simulated_leaks(device);
      EXPECT_EQ(before.buffers, 1u);  // the fixture's own
      EXPECT_EQ(before.images, 0u);
    }
    if (!fired) break;
  }
  EXPECT_TRUE(fired || !is_reached(GetParam().entry));
}

// Its user creates, destroys, marks and asks anew whenever it likes, between passes and while copies run.
class Meanwhile : public testing::TestWithParam<std::tuple<std::string, unsigned>> {};
INSTANTIATE_TEST_SUITE_P(Profiles, Meanwhile,
                         testing::Combine(testing::Values("discrete", "unified", "pages", "mobile", "crowded"),
                                          testing::Range(0u, 4u)),
                         [](const auto& row) {
                           return std::get<0>(row.param) + "_" + std::to_string(std::get<1>(row.param));
                         });

TEST_P(Meanwhile, RandomUseOfTheAllocatorLosesNothing) {
  const auto& [profile, seed] = GetParam();
  MovingFixture world(open_with_contents(test_profile(profile)), small_blocks());
  std::mt19937_64 random(seed);
  Defragmenter defragmenter(world.allocator);
  const auto use = [&] {
    for (std::uint64_t step = random() % 30; step > 0; --step) {
      if (random() % 100 < 48 && world.objects.size() < 300) {
        const auto side = static_cast<std::uint32_t>(1 + random() % 50);
        if (random() % 4 == 0)
          (void)world.image({side, side, 1}, 1, 1, random() % 2 == 0);
        else
          (void)world.buffer(1 + random() % (Bytes{1} << (4 + random() % 13)),
                             random() % 3 == 0 ? MemoryUse::upload : MemoryUse::device);
      } else if (!world.objects.empty()) {
        const auto chosen =
            std::next(world.objects.begin(), static_cast<std::ptrdiff_t>(random() % world.objects.size()));
        if (random() % 3 == 0)
          world.allocator.mark(chosen->second.allocation);
        else
          world.remove(chosen->first);
      }
    }
  };
  for (int pass = 0; pass < 400; ++pass) {
    if (defragmenter.finished() || random() % 50 == 0)
      defragmenter.start({.select = static_cast<DefragmentSelect>(random() % 3),
                          .idle_frames = 0,
                          .algorithm = static_cast<DefragmentAlgorithm>(random() % 4),
                          .max_bytes_per_pass = random() % 2 == 0 ? Bytes{0} : Bytes{100'000},
                          .max_moves_per_pass = static_cast<std::uint32_t>(random() % 12)});
    use();
    ASSERT_EQ(defragmenter.begin_pass(), VK_SUCCESS);
    use();
    std::pmr::vector<Moved> moved;
    if (random() % 5 == 0) {
      world.fences.stuck = true;
      if (defragmenter.end_pass(1000, moved) != VK_SUCCESS) {
        ASSERT_TRUE(moved.empty());
        EXPECT_EQ(defragmenter.begin_pass(), VK_NOT_READY);
      }
      world.fences.stuck = false;
    }
    ASSERT_EQ(defragmenter.end_pass(1000, moved), VK_SUCCESS);
    ASSERT_NO_FATAL_FAILURE(world.apply(moved));
    if (pass % 20 == 0) {
      ASSERT_NO_FATAL_FAILURE(world.verify());
    }
    ASSERT_NO_FATAL_FAILURE(world.verify_books());
  }
  EXPECT_GT(defragmenter.totals().moves, 50u);
}

// A scene is loaded while the last one is still there, then the last one goes: every block is half empty.
TEST(DefragmenterConvergence, ASceneSwitchIsPackedWithinThreeHundredPasses) {
  DeviceProfile profile = test_profile("unified");
  profile.memory.memoryHeaps[0].size = profile.budgets[0] = 2 * kGiB;
  MovingFixture world(open_simulated_device(profile));
  world.fill_objects(false);
  std::mt19937_64 random(17);
  std::vector<std::uint64_t> old_scene;
  Bytes live = 0;
  for (int i = 0; i < 4000; ++i) {
    const Bytes size = 1024 * (1 + random() % (Bytes{1} << (random() % 12)));
    const bool is_old = random() % 2 == 0;
    const std::uint64_t user = world.buffer(size);
    ASSERT_NE(user, 0u);
    if (is_old)
      old_scene.push_back(user);
    else
      live += align_up(size, 16);
  }
  for (const std::uint64_t user : old_scene) world.remove(user);
  const auto waste = [&] {
    return 1.0 - static_cast<double>(live) / static_cast<double>(world.allocator.statistics().total.block_bytes);
  };
  ASSERT_GT(waste(), 0.3);
  Defragmenter defragmenter(world.allocator);
  defragmenter.start({.max_bytes_per_pass = 16 * kMiB, .max_moves_per_pass = 128});
  const std::uint64_t passes = run(world, defragmenter, false);
  EXPECT_LE(passes, 300u);
  EXPECT_LT(waste(), 0.10);
  EXPECT_LT(defragmenter.totals().bytes_moved, 2 * live);
}

}  // namespace
}  // namespace vkmembench
