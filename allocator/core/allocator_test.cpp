#include "allocator/core/allocator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "allocator/base/error.h"
#include "allocator/device/layers/fault_layer.h"
#include "allocator/testing/spy_layer.h"
#include "allocator/testing/test_device.h"

namespace vkmembench {
namespace {

VkBufferCreateInfo buffer_info(Bytes size) {
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = size;
  info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  return info;
}

class AllocatorTest : public testing::Test {
 protected:
  void open(const std::string& profile, AllocatorOptions options = {}) { open(test_profile(profile), options); }
  void open(const DeviceProfile& profile, AllocatorOptions options = {}) {
    owner_ = open_simulated_device(profile);
    calls_ = std::make_unique<FaultLayer>(owner_->device());
    spy_ = std::make_unique<SpyLayer>(calls_->device());
    allocator_ = std::make_unique<Allocator>(
        spy_->device(),
        AllocatorSettings{"test", options, nullptr, [this](const LiveAllocation& leak) { leaks_.push_back(leak); }});
  }
  Expected<Allocation> buffer(Bytes size, MemoryUse use = MemoryUse::device, Bytes alignment = 0) {
    return allocator_->create_buffer(buffer_info(size), {use, alignment, 0, false});
  }
  std::uint64_t calls(EntryPoint entry) { return calls_->calls(entry); }
  std::uint64_t buffer_queries() {
    return calls(EntryPoint::get_buffer_memory_requirements) + calls(EntryPoint::get_buffer_memory_requirements2);
  }
  Bytes reserved() { return allocator_->statistics().total.block_bytes; }

  std::unique_ptr<DeviceOwner> owner_;
  std::unique_ptr<FaultLayer> calls_;
  std::unique_ptr<SpyLayer> spy_;
  std::vector<LiveAllocation> leaks_;
  std::unique_ptr<Allocator> allocator_;
};

TEST_F(AllocatorTest, LeaksAreReportedWithUserSizeAndAgeAndThenFreed) {
  open("discrete");
  allocator_->begin_frame(10);
  const Allocation kept = *allocator_->create_buffer(buffer_info(1000), {.user = 42});
  allocator_->destroy(*buffer(5000));
  allocator_->begin_frame(17);
  allocator_.reset();
  ASSERT_EQ(leaks_.size(), 1u);
  EXPECT_EQ(leaks_[0].user, 42u);
  EXPECT_EQ(leaks_[0].size, 1008u);
  EXPECT_EQ(leaks_[0].age_frames, 7u);
  EXPECT_EQ(leaks_[0].resource, kept.resource);
  EXPECT_EQ(simulated_leaks(*owner_).memories, 0u);
  EXPECT_EQ(simulated_leaks(*owner_).buffers, 1u);
  spy_->device().fn.destroy_buffer(spy_->device().handle, kept.buffer(), nullptr);
}

TEST_F(AllocatorTest, SizeClassesHavePoolsOfTheirOwn) {
  open("discrete");
  const std::array<Bytes, 4> sizes = {256 * kKiB, kMiB, 16 * kMiB, 17 * kMiB};
  const std::array<std::string, 4> names = {"small/type0", "medium/type0", "big/type0", "large/type0"};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const Allocation allocation = *buffer(sizes[i]);
    EXPECT_EQ(allocator_->statistics().pools[allocation.pool].name, names[i]);
    allocator_->destroy(allocation);
  }
}

TEST_F(AllocatorTest, SmallBuffersShareABlock) {
  open("discrete");
  std::vector<Allocation> all;
  all.reserve(1000);
  for (int i = 0; i < 1000; ++i) all.push_back(*buffer(1000));
  EXPECT_EQ(calls(EntryPoint::allocate_memory), 1u);
  EXPECT_EQ(buffer_queries(), 1u);  // maintenance4: equal usage is asked about once
  allocator_->destroy(all);
  EXPECT_LE(reserved(), allocator_->options().min_block_bytes);
  EXPECT_EQ(allocator_->trim() > 0, true);
  EXPECT_EQ(reserved(), 0u);
}

TEST_F(AllocatorTest, WithoutMaintenance4EveryBufferIsAskedAbout) {
  open("mobile");
  for (int i = 0; i < 10; ++i) allocator_->destroy(*buffer(1000));
  EXPECT_EQ(buffer_queries(), 10u);
}

TEST_F(AllocatorTest, ABigBufferTakesABlockOfItsSize) {
  open("discrete");
  const Allocation big = *buffer(40 * kMiB + 16);
  EXPECT_EQ(reserved(), 40 * kMiB + 16);
  EXPECT_FALSE(big.dedicated);
  allocator_->destroy(big);
}

TEST_F(AllocatorTest, SmallBlocksKeepReserveNearWhatLives) {
  AllocatorOptions tight;
  tight.min_block_bytes = kMiB;
  tight.growth_ratio = 1.0 / 48;
  open("unified", tight);
  std::vector<Allocation> all;
  all.reserve(300);
  Bytes live = 0;
  for (int i = 0; i < 300; ++i) {
    const Bytes size = 4096 + static_cast<Bytes>(i * 7919 % 1500) * 512;
    all.push_back(*buffer(size));
    live += align_up(size, 16);
  }
  EXPECT_LT(static_cast<double>(reserved()), 1.06 * static_cast<double>(live));
  allocator_->destroy(all);
}

TEST_F(AllocatorTest, EmptyBlocksNeverRaiseThePeak) {
  open("discrete");
  std::vector<Allocation> all;
  all.reserve(4);
  for (int i = 0; i < 4; ++i) all.push_back(*buffer(20 * kMiB));
  const Bytes peak = allocator_->budget().total_peak();
  allocator_->destroy(all.back());
  all.pop_back();
  all.push_back(*buffer(14 * kMiB));  // the empty block of 20 would be wasted on it
  EXPECT_EQ(allocator_->budget().total_peak(), peak);
  allocator_->destroy(all);
}

TEST_F(AllocatorTest, DeviceMemoryFallsBackToTheHostHeapWhenExhausted) {
  open("discrete");
  std::vector<Allocation> all;
  all.reserve(20);
  for (int i = 0; i < 20; ++i) all.push_back(*buffer(20 * kMiB));
  const auto count = std::count_if(all.begin(), all.end(), [](const Allocation& a) { return a.fallback; });
  EXPECT_EQ(count, 8);  // 12 of 20 MiB fit 256 MiB
  EXPECT_EQ(allocator_->monitor().totals.fallbacks, 8u);
  EXPECT_EQ(allocator_->monitor().in_device_memory, 12u);
  EXPECT_EQ(allocator_->monitor().in_host_memory, 8u);
  allocator_->destroy(all);
}

TEST_F(AllocatorTest, ForbiddenFallbackRefuses) {
  AllocatorOptions options;
  options.fallback = FallbackPolicy::forbid;
  open("discrete", options);
  std::vector<Allocation> all;
  all.reserve(12);
  for (int i = 0; i < 12; ++i) all.push_back(*buffer(20 * kMiB));
  EXPECT_EQ(buffer(20 * kMiB).result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(allocator_->monitor().totals.refused, 1u);
  allocator_->destroy(all);
}

TEST_F(AllocatorTest, NoMemoryTypeIsAClearRefusal) {
  DeviceProfile profile = test_profile("discrete");
  profile.buffers.front().answer.memory_type_bits = 1;  // device-local only
  open(profile);
  EXPECT_EQ(buffer(100, MemoryUse::upload).result(), VK_ERROR_FEATURE_NOT_PRESENT);
  EXPECT_EQ(simulated_leaks(*owner_).total(), 0u);
}

TEST_F(AllocatorTest, AFullHeapIsUsedToTheLastSmallBlock) {
  AllocatorOptions options;
  options.fallback = FallbackPolicy::forbid;
  options.big_block_bytes = 64 * kMiB;
  open("discrete", options);
  std::vector<Allocation> all;
  all.push_back(*buffer(250 * kMiB));
  all.push_back(*buffer(5 * kMiB));  // a block of 64 MiB is impossible
  EXPECT_LE(reserved(), 256 * kMiB);
  allocator_->destroy(all);
}

TEST_F(AllocatorTest, FewObjectsAreSpreadOverManyAllocations) {
  open("crowded");  // 24 objects at most
  std::vector<Allocation> all;
  all.reserve(100);
  for (int i = 0; i < 100; ++i) all.push_back(*buffer(3 * kMiB / 2));
  EXPECT_LE(allocator_->budget().objects_peak(), 24u);
  allocator_->destroy(all);
}

// The size of the second buffer is known to within the alignment, which dedicated memory must not take.
TEST_F(AllocatorTest, DedicatedMemoryOfSmallBuffersIsExact) {
  AllocatorOptions options;
  options.dedicated_above_bytes = 64;
  open("discrete", options);
  const std::array<Bytes, 3> sizes = {100, 200, 300};
  std::array<Expected<Allocation>, 3> results{VK_NOT_READY, VK_NOT_READY, VK_NOT_READY};
  std::vector<Allocation> made = {*buffer(100), *buffer(100)};
  EXPECT_EQ(reserved(), 2 * 112u);
  allocator_->create_buffers(buffer_info(0), sizes, {}, results);
  for (const Expected<Allocation>& result : results) made.push_back(*result);
  EXPECT_EQ(reserved(), 2 * 112u + 112u + 208u + 304u);
  for (const Allocation& allocation : made) {
    EXPECT_TRUE(allocation.dedicated);
    EXPECT_EQ(allocation.charged, allocator_->record(allocation).requested);
    allocator_->destroy(allocation);
  }
  EXPECT_EQ(reserved(), 0u);
}

TEST_F(AllocatorTest, PreferredDedicatedMemoryIsExact) {
  open("dedicated");
  VkImageCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
  info.imageType = VK_IMAGE_TYPE_2D;
  info.format = VK_FORMAT_R8G8B8A8_UNORM;
  info.extent = {100, 100, 1};
  info.mipLevels = info.arrayLayers = 1;
  info.samples = VK_SAMPLE_COUNT_1_BIT;
  info.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  const Allocation image = *allocator_->create_image(info, {});
  EXPECT_TRUE(image.dedicated);
  EXPECT_TRUE(image.image);
  EXPECT_EQ(image.charged, reserved());
  EXPECT_EQ(allocator_->statistics().total.dedicated_count, 1u);
  allocator_->destroy(image);
  EXPECT_EQ(reserved(), 0u);
}

TEST_F(AllocatorTest, AlignmentPoliciesRoundPlaceAndCharge) {
  AllocatorOptions options;
  options.alignment = AlignmentPolicy::custom;
  options.custom_alignment_bytes = 4096;
  open("discrete", options);
  const Allocation rounded = *buffer(100);
  const Allocation asked = *buffer(100, MemoryUse::device, 64 * kKiB);
  EXPECT_EQ(rounded.charged, 4096u);
  EXPECT_EQ(asked.charged, 4096u);
  EXPECT_TRUE(is_aligned(asked.offset, 64 * kKiB));
  EXPECT_EQ(allocator_->statistics().total.required_bytes, 2u * 112);
  allocator_->destroy(rounded);
  allocator_->destroy(asked);
}

TEST_F(AllocatorTest, MapsNestAndABlockIsMappedOnce) {
  open("discrete");
  const Allocation a = *buffer(100, MemoryUse::upload);
  const Allocation b = *buffer(100, MemoryUse::upload);
  std::byte* first = *allocator_->map(a);
  EXPECT_EQ(*allocator_->map(a), first);
  std::byte* other = *allocator_->map(b);
  EXPECT_EQ(static_cast<Offset>(other - first), b.offset - a.offset);
  std::fill_n(first, 100, std::byte{7});
  for (int i = 0; i < 2; ++i) allocator_->unmap(a);
  allocator_->unmap(b);
  EXPECT_EQ(calls(EntryPoint::map_memory), 1u);
  EXPECT_EQ(allocator_->monitor().totals.maps, 3u);
  ASSERT_EQ(allocator_->monitor().most_mapped.size(), 2u);
  EXPECT_EQ(allocator_->monitor().most_mapped[0].resource, a.resource);
  EXPECT_EQ(allocator_->monitor().most_mapped[0].map_total, 2u);
  allocator_->destroy(a);
  allocator_->destroy(b);
}

TEST_F(AllocatorTest, UnmappedBlocksAreUnmappedWhenAsked) {
  AllocatorOptions options;
  options.keep_mapped = false;
  open("discrete", options);
  const Allocation a = *buffer(100, MemoryUse::upload);
  for (int i = 0; i < 3; ++i) {
    (void)*allocator_->map(a);
    allocator_->unmap(a);
  }
  EXPECT_EQ(calls(EntryPoint::map_memory), 3u);
  allocator_->destroy(a);
}

TEST_F(AllocatorTest, FlushIsRoundedToAtomsAndClampedToTheMemory) {
  open("mobile");  // atoms of 128 B
  const Allocation first = *buffer(100, MemoryUse::upload);
  const Allocation second = *buffer(1000, MemoryUse::upload);
  EXPECT_TRUE(is_aligned(second.offset, 128));
  (void)*allocator_->map(second);
  EXPECT_EQ(allocator_->flush(second, 130, 10), VK_SUCCESS);
  ASSERT_EQ(spy_->flushed.size(), 1u);
  EXPECT_EQ(spy_->flushed[0].offset, second.offset + 128);
  EXPECT_EQ(spy_->flushed[0].size, 128u);
  EXPECT_EQ(allocator_->flush(second, 0, 0), VK_SUCCESS);
  EXPECT_EQ(spy_->flushed.size(), 1u);
  allocator_->unmap(second);
  allocator_->destroy(first);
  allocator_->destroy(second);
}

TEST_F(AllocatorTest, CoherentMemoryIsNotFlushed) {
  open("discrete");
  const Allocation a = *buffer(100, MemoryUse::upload);
  (void)*allocator_->map(a);
  EXPECT_EQ(allocator_->flush(a, 0, 100), VK_SUCCESS);
  EXPECT_TRUE(spy_->flushed.empty());
  allocator_->unmap(a);
  allocator_->destroy(a);
}

TEST_F(AllocatorTest, BatchesKeepTheRequestOrder) {
  open("discrete");
  const std::vector<Bytes> sizes = {100, 20 * kMiB, 5 * kMiB, 64, 300 * kKiB, 5 * kMiB};
  std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
  allocator_->create_buffers(buffer_info(1), sizes, {}, results);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    ASSERT_TRUE(results[i]);
    EXPECT_GE(results[i]->charged, sizes[i]);
    EXPECT_LT(results[i]->charged, sizes[i] + 16);
  }
  EXPECT_LE(calls(EntryPoint::allocate_memory), 4u);  // one block a class serves the batch
  for (const auto& result : results) allocator_->destroy(*result);
}

TEST_F(AllocatorTest, PartialBatchesSayWhyEachItemIsRefused) {
  AllocatorOptions options;
  options.fallback = FallbackPolicy::forbid;
  open("discrete", options);
  const std::vector<Bytes> sizes = {100, 200 * kMiB, 200 * kMiB, 100};
  std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
  allocator_->create_buffers(buffer_info(1), sizes, {}, results);
  EXPECT_TRUE(results[0]);
  EXPECT_TRUE(results[1]);
  EXPECT_EQ(results[2].result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_TRUE(results[3]);
  for (const auto& result : results)
    if (result) allocator_->destroy(*result);

  allocator_->create_buffers(buffer_info(1), sizes, {}, results, BatchMode::all_or_nothing);
  for (const auto& result : results) EXPECT_EQ(result.result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(simulated_leaks(*owner_).buffers, 0u);
  EXPECT_EQ(allocator_->statistics().total.allocation_count, 0u);
}

TEST_F(AllocatorTest, ContainsOnlyWhatLives) {
  open("discrete");
  const Allocation a = *buffer(100);
  EXPECT_TRUE(allocator_->contains(a));
  Allocator other(spy_->device());
  EXPECT_FALSE(other.contains(a));
  allocator_->destroy(a);
  EXPECT_FALSE(allocator_->contains(a));
  EXPECT_FALSE(allocator_->contains(Allocation{}));
}

TEST_F(AllocatorTest, PrewarmedBlocksServeTheFirstAllocations) {
  AllocatorOptions options;
  options.prewarm_blocks = 2;
  open("discrete", options);
  EXPECT_EQ(calls(EntryPoint::allocate_memory), 6u);
  const Allocation a = *buffer(100);
  EXPECT_EQ(calls(EntryPoint::allocate_memory), 6u);
  allocator_->destroy(a);
  EXPECT_EQ(allocator_->statistics().total.block_count, 6u);
}

TEST_F(AllocatorTest, AllocatorsShareABudget) {
  open("discrete");
  MemoryBudget budget(*spy_->device().info);
  Allocator a(spy_->device(), {"a", {}, &budget, {}});
  Allocator b(spy_->device(), {"b", {}, &budget, {}});
  const Allocation first = *a.create_buffer(buffer_info(30 * kMiB), {});
  const Allocation second = *b.create_buffer(buffer_info(50 * kMiB), {});
  EXPECT_EQ(budget.total_reserved(), 80 * kMiB);
  EXPECT_EQ(budget.objects(), 2u);
  a.destroy(first);
  b.destroy(second);
}

TEST_F(AllocatorTest, BadOptionsThrow) {
  AllocatorOptions options;
  options.large_block_bytes = 4 * kGiB;
  EXPECT_THROW(open("discrete", options), Error);
}

using AllocatorDeath = AllocatorTest;
TEST_F(AllocatorDeath, MisuseAborts) {
  open("discrete");
  const Allocation a = *buffer(100, MemoryUse::upload);
  EXPECT_DEATH(allocator_->unmap(a), "undoes one map");
  EXPECT_DEATH((void)allocator_->flush(a, 0, 1), "only mapped memory");
  (void)*allocator_->map(a);
  EXPECT_DEATH((void)allocator_->flush(a, 100, 100), "within its allocation");
  EXPECT_DEATH(allocator_->destroy(a), "unmapped before");
  allocator_->unmap(a);
  allocator_->destroy(a);
  EXPECT_DEATH(allocator_->destroy(a), "between its creation and its destruction");
  EXPECT_DEATH((void)allocator_->map(a), "between its creation and its destruction");
}

}  // namespace
}  // namespace vkmembench
