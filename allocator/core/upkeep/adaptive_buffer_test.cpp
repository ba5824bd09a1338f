#include "allocator/core/upkeep/adaptive_buffer.h"

#include <gtest/gtest.h>

#include <random>

#include "allocator/testing/moving_fixture.h"

namespace vkmembench {
namespace {

TEST(AdaptivePolicy, GrowsByHalfOrToTheAsk) {
  const AdaptivePolicy policy;
  EXPECT_EQ(policy.initial(1), 1024u);
  EXPECT_EQ(policy.initial(5000), 5000u);
  EXPECT_EQ(policy.grown(1024, 1024), 1024u);
  EXPECT_EQ(policy.grown(1024, 1025), 1536u);
  EXPECT_EQ(policy.grown(1024, 9000), 9000u);
  EXPECT_EQ(policy.grown(5, 6), 8u);  // whole words
}

TEST(AdaptivePolicy, ShrinksAfterFramesBelowHalf) {
  AdaptivePolicy policy({.shrink_after_frames = 3});
  EXPECT_FALSE(policy.end_frame(100'000, 10'000));
  EXPECT_FALSE(policy.end_frame(100'000, 49'999));
  EXPECT_FALSE(policy.end_frame(100'000, 50'000));  // half is enough: counting starts again
  EXPECT_FALSE(policy.end_frame(100'000, 10'000));
  EXPECT_FALSE(policy.end_frame(100'000, 10'000));
  EXPECT_EQ(policy.end_frame(100'000, 10'000), 12'000u);
  EXPECT_FALSE(policy.end_frame(100'000, 10'000));
}

TEST(AdaptivePolicy, NeverShrinksBelowTheStart) {
  AdaptivePolicy policy({.shrink_after_frames = 1});
  EXPECT_EQ(policy.end_frame(4096, 1), 1024u);
  EXPECT_FALSE(policy.end_frame(1024, 1));
  EXPECT_FALSE(policy.end_frame(600, 1));
}

// A steady use settles: after one shrink at most, nothing changes.
TEST(AdaptivePolicy, DoesNotOscillate) {
  std::mt19937 random(3);
  for (int round = 0; round < 1000; ++round) {
    AdaptivePolicy policy;
    const Bytes used = 1 + random() % 1'000'000;
    Bytes capacity = policy.grown(1 + random() % 1'000'000, used);
    int changes = 0;
    for (int frame = 0; frame < 50; ++frame) {
      ASSERT_EQ(policy.grown(capacity, used), capacity);
      if (const auto smaller = policy.end_frame(capacity, used)) {
        ASSERT_GE(*smaller, used);
        capacity = *smaller;
        ++changes;
      }
    }
    EXPECT_LE(changes, 1);
  }
}

class AdaptiveOn : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Devices, AdaptiveOn, testing::ValuesIn(moving_devices()),
                         [](const auto& row) { return row.param; });

TEST_P(AdaptiveOn, ContentsKeepTheirOffsetsThroughEveryResize) {
  auto owner = open_moving_device(GetParam());
  if (owner == nullptr) GTEST_SKIP() << "no Vulkan device";
  MovingFixture world(std::move(owner));
  BufferResizer resizer(world.allocator);
  for (const MemoryUse use : {MemoryUse::device, MemoryUse::upload}) {
    const std::uint64_t user = world.buffer(AdaptivePolicy().initial(1), use);
    MovingFixture::Object& object = world.objects.at(user);
    AdaptiveBuffer buffer(resizer, object.allocation);
    EXPECT_EQ(buffer.capacity(), 1024u);
    const std::vector<std::byte> bytes = pattern(1024, object.seed);
    const auto expect = [&](Bytes capacity, Bytes kept) {
      EXPECT_EQ(buffer.capacity(), capacity);
      object.allocation = buffer.allocation();
      EXPECT_GE(object.allocation.charged, capacity);
      EXPECT_EQ(world.allocator.record(object.allocation).asked, capacity);
      EXPECT_TRUE(std::ranges::equal(world.read(object, kept), std::span(bytes).first(kept)));
    };
    ASSERT_EQ(buffer.resize(1030), VK_SUCCESS);
    expect(1536, 1024);
    ASSERT_EQ(buffer.resize(300'000), VK_SUCCESS);
    expect(300'000, 1024);
    ASSERT_EQ(buffer.resize(900), VK_SUCCESS);  // it shrinks later
    expect(300'000, 1024);
    for (int frame = 1; frame < 8; ++frame) ASSERT_FALSE(*buffer.begin_frame());
    ASSERT_TRUE(*buffer.begin_frame());
    expect(1080, 900);
    object.size = 900;
  }
  EXPECT_EQ(resizer.totals().grown, 4u);
  EXPECT_EQ(resizer.totals().shrunk, 2u);
  EXPECT_EQ(resizer.totals().copied_bytes, 2 * (1024u + 1536u + 1080u));
}

TEST(BufferResizer, RefusesWhatCannotMove) {
  MovingFixture world(open_with_contents(test_profile("discrete")));
  BufferResizer resizer(world.allocator);
  const std::uint64_t image = world.image({8, 8, 1});
  EXPECT_EQ(resizer.resize(world.objects.at(image).allocation, 100).result(), VK_ERROR_FEATURE_NOT_PRESENT);
  const Allocation mapped = world.objects.at(world.buffer(100, MemoryUse::upload)).allocation;
  (void)*world.allocator.map(mapped);
  EXPECT_EQ(resizer.resize(mapped, 200).result(), VK_ERROR_FEATURE_NOT_PRESENT);
  world.allocator.unmap(mapped);
  const Allocation target = world.objects.at(world.buffer(1000)).allocation;
  const Allocation alias = *world.allocator.create_aliasing_buffer(buffer_info(100), {}, target);
  EXPECT_EQ(resizer.resize(alias, 200).result(), VK_ERROR_FEATURE_NOT_PRESENT);
  EXPECT_EQ(resizer.resize(target, 2000).result(), VK_ERROR_FEATURE_NOT_PRESENT);
  world.allocator.destroy(alias);
  EXPECT_TRUE(resizer.resize(target, 1000));  // as it is
  EXPECT_EQ(resizer.totals().grown + resizer.totals().shrunk, 0u);
  world.verify();
}

TEST(BufferResizer, CountsByKindFollow) {
  MovingFixture world(open_with_contents(test_profile("discrete")));
  BufferResizer resizer(world.allocator);
  const auto counts = [&] { return world.allocator.monitor().kinds[static_cast<std::size_t>(BufferKind::vertex)]; };
  Allocation buffer = *world.allocator.create_buffer(buffer_info(1600), {.kind = BufferKind::vertex});
  buffer = *resizer.resize(buffer, 4800);
  EXPECT_EQ(counts().live_bytes, 4800u);
  EXPECT_EQ(counts().peak_bytes, 4800u);
  buffer = *resizer.resize(buffer, 3200);
  EXPECT_EQ(counts().live_bytes, 3200u);
  EXPECT_EQ(counts().peak_bytes, 4800u);
  EXPECT_EQ(counts().created, 1u);
  world.allocator.destroy(buffer);
  EXPECT_EQ(counts().live_bytes, 0u);
}

TEST(AdaptiveBuffer, TakesTheExactSizeWhenMoreIsNotToBeHad) {
  AllocatorOptions options;
  options.fallback = FallbackPolicy::forbid;
  MovingFixture world(open_with_contents(test_profile("discrete")), options);
  world.fill_objects(false);
  BufferResizer resizer(world.allocator);
  const std::uint64_t user = world.buffer(100 * kMiB);
  AdaptiveBuffer buffer(resizer, world.objects.at(user).allocation);
  EXPECT_EQ(buffer.resize(120 * kMiB), VK_SUCCESS);  // 150 MiB beside the 100 are 250: fits
  EXPECT_EQ(buffer.capacity(), 150 * kMiB);
  world.objects.at(user).allocation = buffer.allocation();
  world.remove(user);
  (void)world.allocator.trim();
  const std::uint64_t second = world.buffer(104 * kMiB);
  AdaptiveBuffer tight(resizer, world.objects.at(second).allocation);
  EXPECT_EQ(tight.resize(120 * kMiB), VK_SUCCESS);  // not 156
  EXPECT_EQ(tight.capacity(), 120 * kMiB);
  EXPECT_EQ(tight.resize(160 * kMiB), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(tight.used(), 120 * kMiB);
  world.objects.at(second).allocation = tight.allocation();
}

struct Step {
  EntryPoint entry;
  VkResult failure;
};
class ResizeFault : public testing::TestWithParam<Step> {};
INSTANTIATE_TEST_SUITE_P(Steps, ResizeFault,
                         testing::Values(Step{EntryPoint::create_command_pool, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::allocate_command_buffers, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::create_fence, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::create_buffer, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::allocate_memory, VK_ERROR_OUT_OF_DEVICE_MEMORY},
                                         Step{EntryPoint::bind_buffer_memory, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::reset_fences, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::queue_submit, VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Step{EntryPoint::wait_for_fences, VK_ERROR_OUT_OF_HOST_MEMORY}),
                         [](const auto& row) {
                           return std::string(kEntryPointNames[static_cast<std::size_t>(row.param.entry)]);
                         });

TEST_P(ResizeFault, LeavesTheBufferAsItWas) {
  MovingFixture world(open_with_contents(test_profile("discrete")));
  const std::uint64_t user = world.buffer(3 * kMiB);
  MovingFixture::Object& object = world.objects.at(user);
  BufferResizer resizer(world.allocator);
  AdaptiveBuffer buffer(resizer, object.allocation);
  world.faults.fail(GetParam().entry, 1, GetParam().failure);
  const VkResult result = buffer.resize(5 * kMiB);
  ASSERT_TRUE(world.faults.fired(GetParam().entry));
  if (result != VK_SUCCESS) {  // memory may be found in a smaller block, or of another type
    EXPECT_EQ(buffer.allocation().resource, object.allocation.resource);
    EXPECT_EQ(buffer.used(), 3 * kMiB);
    ASSERT_NO_FATAL_FAILURE(world.verify());
    ASSERT_EQ(buffer.resize(5 * kMiB), VK_SUCCESS);  // the next try is as good as any
  }
  object.allocation = buffer.allocation();
  ASSERT_NO_FATAL_FAILURE(world.verify());
  world.remove(user);
  EXPECT_EQ(simulated_leaks(*world.owner).buffers, 1u);  // the fixture's own
}

TEST(BufferResizerDeathTest, ABufferHasBytes) {
  MovingFixture world(open_with_contents(test_profile("discrete")));
  const Allocation buffer = world.objects.at(world.buffer(100)).allocation;
  EXPECT_DEATH((void)BufferResizer(world.allocator).resize(buffer, 0), "a buffer has bytes");
}

}  // namespace
}  // namespace vkmembench
