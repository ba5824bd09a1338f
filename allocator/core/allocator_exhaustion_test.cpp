// What an allocator does where memory ends: at the budget, and in a heap that the device has nothing left of.
#include <gtest/gtest.h>

#include <algorithm>

#include "allocator/core/allocator.h"
#include "allocator/device/layers/fault_layer.h"
#include "allocator/device/layers/limits_layer.h"
#include "allocator/testing/spy_layer.h"
#include "allocator/testing/test_device.h"

namespace vkmembench {
namespace {

class Exhaustion : public testing::Test {
 protected:
  // The layers that count are above the one that refuses: they see every call that the allocator makes.
  void open(const DeviceProfile& profile, const AllocatorOptions& options = {}) {
    owner_ = open_simulated_device(profile);
    limits_ = std::make_unique<LimitsLayer>(owner_->device());
    faults_ = std::make_unique<FaultLayer>(limits_->device());
    spy_ = std::make_unique<SpyLayer>(faults_->device());
    allocator_ = std::make_unique<Allocator>(spy_->device(), AllocatorSettings{"test", options, nullptr, {}});
  }
  Expected<Allocation> make(Bytes size, MemoryUse use = MemoryUse::device) {
    VkBufferCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    info.size = size;
    info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    const Expected<Allocation> made = allocator_->create_buffer(info, {use, 0, 0, false});
    if (made) live_.push_back(*made);
    return made;
  }
  void destroy(Allocation allocation) {
    std::erase_if(live_, [&](const Allocation& other) { return other.resource == allocation.resource; });
    allocator_->destroy(allocation);
  }
  void TearDown() override { allocator_->destroy(live_); }
  // Fills heap 0 of the profile "discrete", all its 256 MiB.
  void fill_device_heap() {
    for (int i = 0; i < 8; ++i) ASSERT_FALSE(make(32 * kMiB)->fallback);
    ASSERT_EQ(limits_->usage(0), 256 * kMiB);
  }

  std::unique_ptr<DeviceOwner> owner_;
  std::unique_ptr<LimitsLayer> limits_;
  std::unique_ptr<FaultLayer> faults_;
  std::unique_ptr<SpyLayer> spy_;
  std::unique_ptr<Allocator> allocator_;
  std::vector<Allocation> live_;
};

TEST_F(Exhaustion, AFullHeapIsAskedOnceAndThenLeftAlone) {
  open(test_profile("discrete"));
  fill_device_heap();
  ASSERT_TRUE(make(20 * kMiB)->fallback);
  const std::uint64_t before = faults_->calls(EntryPoint::allocate_memory);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(make(20 * kMiB)->fallback);
  EXPECT_EQ(faults_->calls(EntryPoint::allocate_memory) - before, 10u);  // each in the host heap, at the first try
}

// Vulkan forbids to ask for such a buffer: no call is made, also for an item of a batch.
TEST_F(Exhaustion, ABufferBeyondMaxBufferSizeIsRefusedUnasked) {
  open(test_profile("discrete"));
  const Bytes most = faults_->device().info->max_buffer_size;
  ASSERT_LT(most, Bytes{1} << 60);
  for (const Bytes size : {most + 1, Bytes{1} << 60}) EXPECT_EQ(make(size).result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(faults_->calls(EntryPoint::create_buffer), 0u);
  EXPECT_EQ(make(most).result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);  // of the heaps
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  const std::vector<Bytes> sizes = {100, most + 1, 200};
  std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
  allocator_->create_buffers(info, sizes, {}, results);
  EXPECT_EQ(results[1].result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  for (const auto& result : {results[0], results[2]}) {
    ASSERT_TRUE(result);
    live_.push_back(*result);
  }
}

// Vulkan forbids to ask for more than a heap, though blocks would be larger: the heap of 24 MiB serves all the same.
TEST_F(Exhaustion, NoBlockIsLargerThanItsHeap) {
  DeviceProfile profile = test_profile("discrete");
  profile.memory.memoryHeaps[0].size = profile.budgets[0] = 24 * kMiB;
  AllocatorOptions options;
  options.fallback = FallbackPolicy::forbid;
  options.small_block_bytes = options.big_block_bytes = 64 * kMiB;
  open(profile, options);
  EXPECT_TRUE(make(64 * kKiB));
  EXPECT_TRUE(make(5 * kMiB));
  EXPECT_FALSE(make(25 * kMiB));
  EXPECT_EQ(spy_->beyond_their_heap, 0u);
}

TEST_F(Exhaustion, SmallAllocationsStopAskingToo) {
  open(test_profile("discrete"));
  fill_device_heap();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(make(64 * kKiB)->fallback);  // 62.5 MiB
  EXPECT_LE(faults_->calls(EntryPoint::allocate_memory), 8u + 40);
}

TEST_F(Exhaustion, AHeapIsUsedAgainAfterAFree) {
  open(test_profile("discrete"));
  fill_device_heap();
  ASSERT_TRUE(make(32 * kMiB)->fallback);
  destroy(live_.front());
  allocator_->trim();
  EXPECT_FALSE(make(32 * kMiB)->fallback);
  EXPECT_TRUE(make(32 * kMiB)->fallback);
}

TEST_F(Exhaustion, AHeapIsAskedAgainAfterSomeFrames) {
  open(test_profile("discrete"));
  Allocator other(limits_->device());  // stands for another program: it knows nothing of the first
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = 250 * kMiB;
  info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  const Allocation most = *other.create_buffer(info, {});
  EXPECT_TRUE(make(20 * kMiB)->fallback);
  other.destroy(most);
  other.trim();
  EXPECT_TRUE(make(20 * kMiB)->fallback);  // nobody told
  for (std::uint64_t frame = 1; frame <= 600; ++frame) allocator_->begin_frame(frame);
  EXPECT_FALSE(make(20 * kMiB)->fallback);
}

TEST_F(Exhaustion, NothingIsRefusedBecauseOfARefusalInThePast) {
  AllocatorOptions options;
  options.fallback = FallbackPolicy::forbid;
  open(test_profile("discrete"), options);
  faults_->fail(EntryPoint::allocate_memory, 1, VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(make(32 * kMiB).result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_TRUE(make(32 * kMiB));
}

class BudgetPreference : public Exhaustion {
 protected:
  static AllocatorOptions frugal(FallbackPolicy fallback) {
    AllocatorOptions options;
    options.prefer_within_budget = true;
    options.fallback = fallback;
    return options;
  }
  static DeviceProfile with_budget(const std::string& name, Bytes bytes) {
    DeviceProfile profile = test_profile(name);
    profile.has_memory_budget = true;
    profile.budgets[0] = bytes;
    return profile;
  }
};

TEST_F(BudgetPreference, ABlockShrinksToStayWithin) {
  AllocatorOptions options = frugal(FallbackPolicy::forbid);
  options.big_block_bytes = 32 * kMiB;
  open(with_budget("discrete", 64 * kMiB), options);
  ASSERT_TRUE(make(60 * kMiB));
  ASSERT_TRUE(make(3 * kMiB));
  EXPECT_LE(limits_->usage(0), 64 * kMiB);
}

TEST_F(BudgetPreference, EmptyBlocksGoFirst) {
  open(with_budget("discrete", 64 * kMiB), frugal(FallbackPolicy::allow));
  ASSERT_TRUE(make(40 * kMiB));
  const Allocation gone = *make(10 * kMiB);
  destroy(gone);
  ASSERT_FALSE(make(24 * kMiB)->fallback);
  EXPECT_EQ(limits_->usage(0), 64 * kMiB);
}

TEST_F(BudgetPreference, AnotherHeapIsPreferredToPassingTheBudget) {
  open(with_budget("discrete", 64 * kMiB), frugal(FallbackPolicy::allow));
  ASSERT_TRUE(make(60 * kMiB));
  EXPECT_TRUE(make(8 * kMiB)->fallback);
  EXPECT_LE(limits_->usage(0), 64 * kMiB);
}

TEST_F(BudgetPreference, TheBudgetIsPassedRatherThanRefused) {
  open(with_budget("unified", 64 * kMiB), frugal(FallbackPolicy::allow));
  ASSERT_TRUE(make(60 * kMiB));
  ASSERT_TRUE(make(8 * kMiB));
  EXPECT_EQ(limits_->usage(0), 68 * kMiB);  // by no more than was asked for
  ASSERT_TRUE(make(kMiB));
  EXPECT_EQ(limits_->usage(0), 69 * kMiB);
  EXPECT_EQ(make(512 * kMiB).result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);  // limits are hard
  EXPECT_EQ(allocator_->monitor().totals.refused, 1u);
}

TEST_F(BudgetPreference, ABudgetThatFallsBelowWhatLivesRefusesNothing) {
  open(with_budget("unified", 256 * kMiB), frugal(FallbackPolicy::allow));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(make(kMiB));
  const Bytes before = limits_->usage(0);
  limits_->set_budget(0, 16 * kMiB);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(make(700 * kKiB));
  EXPECT_LE(limits_->usage(0), before + Bytes{50} * 700 * kKiB);
}

}  // namespace
}  // namespace vkmembench
