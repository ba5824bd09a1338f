#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "allocator/core/allocator.h"
#include "allocator/core/upkeep/buffer_reuse.h"
#include "allocator/device/layers/fault_layer.h"
#include "allocator/device/real/vulkan_device.h"
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

VkImageCreateInfo image_info(std::uint32_t side, VkImageTiling tiling = VK_IMAGE_TILING_OPTIMAL) {
  VkImageCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
  info.imageType = VK_IMAGE_TYPE_2D;
  info.format = VK_FORMAT_R8G8B8A8_UNORM;
  info.extent = {side, side, 1};
  info.mipLevels = info.arrayLayers = 1;
  info.samples = VK_SAMPLE_COUNT_1_BIT;
  info.tiling = tiling;
  info.usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
  return info;
}

// Every test profile, and the machine's first Vulkan device.
std::vector<std::string> all_devices() {
  std::vector<std::string> names;
  for (const DeviceProfile& profile : test_profiles()) names.push_back(profile.name);
  names.emplace_back("vulkan");
  return names;
}

class Aliases : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "vulkan") {
      const VulkanDevices devices = list_vulkan_devices();
      if (devices.infos.empty()) GTEST_SKIP() << devices.reason;
      owner_ = open_vulkan_device(0);
    } else {
      owner_ = open_simulated_device(test_profile(GetParam()));
    }
    allocator_.emplace(owner_->device());
  }
  void TearDown() override {
    if (!allocator_) return;
    EXPECT_TRUE(allocator_->live_allocations().empty());
    EXPECT_EQ(allocator_->statistics().total.allocation_count, 0u);
    allocator_.reset();
    if (GetParam() != "vulkan") {
      EXPECT_EQ(simulated_leaks(*owner_).total(), 0u);
    }
  }
  std::unique_ptr<DeviceOwner> owner_;
  std::optional<Allocator> allocator_;
};
INSTANTIATE_TEST_SUITE_P(Devices, Aliases, testing::ValuesIn(all_devices()), [](const auto& row) { return row.param; });

TEST_P(Aliases, ABufferSharesTheBytesOfItsTarget) {
  const MemoryRequest upload{.memory = MemoryUse::upload};
  const Allocation before = *allocator_->create_buffer(buffer_info(500), upload);
  const Allocation target = *allocator_->create_buffer(buffer_info(64 * kKiB), upload);
  const Expected<Allocation> alias = allocator_->create_aliasing_buffer(buffer_info(10'000), upload, target);
  ASSERT_TRUE(alias);
  EXPECT_NE(alias->resource, target.resource);
  EXPECT_EQ(alias->memory, target.memory);
  EXPECT_EQ(alias->offset, target.offset);
  EXPECT_EQ(alias->pool, target.pool);
  EXPECT_GE(alias->charged, 10'000u);
  EXPECT_LT(alias->charged, target.charged);
  EXPECT_EQ(allocator_->statistics().total.allocation_count, 2u);
  EXPECT_TRUE(allocator_->contains(*alias));

  std::byte* bytes = *allocator_->map(*alias);
  EXPECT_EQ(*allocator_->map(target), bytes);
  std::memset(bytes, 0x3c, 10'000);
  EXPECT_EQ(allocator_->flush(*alias, 0, 10'000), VK_SUCCESS);
  EXPECT_EQ(allocator_->invalidate(target, 0, 64 * kKiB), VK_SUCCESS);
  allocator_->unmap(target);
  allocator_->unmap(*alias);
  allocator_->touch(*alias);

  allocator_->destroy(*alias);
  EXPECT_FALSE(allocator_->contains(*alias));
  EXPECT_TRUE(allocator_->contains(target));
  allocator_->destroy(target);
  allocator_->destroy(before);
}

TEST_P(Aliases, SeveralShareOneTargetAndOneAnother) {
  const Allocation target = *allocator_->create_buffer(buffer_info(64 * kKiB), {});
  const Allocation first = *allocator_->create_aliasing_buffer(buffer_info(64 * kKiB), {}, target);
  const Allocation second = *allocator_->create_aliasing_buffer(buffer_info(100), {}, first);  // of an alias
  EXPECT_EQ(second.offset, target.offset);
  allocator_->destroy(first);
  const Allocation third = *allocator_->create_aliasing_buffer(buffer_info(200), {}, target);
  allocator_->destroy(third);
  allocator_->destroy(second);
  allocator_->destroy(target);
}

TEST_P(Aliases, LieBehindTheBeginAndOutliveTheirTarget) {
  const MemoryRequest upload{.memory = MemoryUse::upload};
  const Allocation beside = *allocator_->create_buffer(buffer_info(500), upload);
  const Allocation target = *allocator_->create_buffer(buffer_info(64 * kKiB), upload);
  const Allocation first = *allocator_->create_aliasing_buffer(buffer_info(16 * kKiB), upload, target, 16 * kKiB);
  const Allocation second = *allocator_->create_aliasing_buffer(buffer_info(32 * kKiB), upload, first, 8 * kKiB);
  EXPECT_EQ(second.offset, target.offset + 24 * kKiB);
  EXPECT_FALSE(allocator_->create_aliasing_buffer(buffer_info(32 * kKiB), upload, first, 32 * kKiB));
  EXPECT_FALSE(allocator_->create_aliasing_buffer(buffer_info(16), upload, first, 64 * kKiB));
  std::byte* bytes = *allocator_->map(second);
  EXPECT_EQ(*allocator_->map(target), bytes - 24 * kKiB);
  allocator_->unmap(target);

  allocator_->destroy(target);  // while an alias is mapped
  EXPECT_FALSE(allocator_->contains(target));
  EXPECT_TRUE(allocator_->contains(second));
  EXPECT_EQ(allocator_->live_allocations().size(), 3u);
  const Allocation elsewhere = *allocator_->create_buffer(buffer_info(64 * kKiB), upload);
  EXPECT_TRUE(elsewhere.memory != second.memory || elsewhere.offset >= target.offset + 64 * kKiB ||
              elsewhere.offset + elsewhere.charged <= target.offset);
  std::memset(bytes, 0x3c, 32 * kKiB);
  EXPECT_EQ(allocator_->flush(second, 32 * kKiB - 100, 100), VK_SUCCESS);
  allocator_->unmap(second);

  const Allocation third = *allocator_->create_aliasing_buffer(buffer_info(100), upload, second);
  allocator_->destroy(first);
  allocator_->destroy(second);
  const Bytes before = allocator_->statistics().total.allocation_bytes;
  allocator_->destroy(third);
  EXPECT_EQ(allocator_->statistics().total.allocation_bytes, before - target.charged);
  for (const Allocation& rest : {beside, elsewhere}) allocator_->destroy(rest);
}

TEST_P(Aliases, ImagesShareWhereTheDeviceAllowsIt) {
  const Allocation beside = *allocator_->create_buffer(buffer_info(300), {});
  const Allocation target = *allocator_->create_image(image_info(256), {});
  const Expected<Allocation> smaller = allocator_->create_aliasing_image(image_info(128), {}, target);
  EXPECT_EQ(bool(smaller), !target.dedicated);  // memory made for one resource stays its own
  if (smaller) {
    EXPECT_TRUE(smaller->image);
    EXPECT_EQ(smaller->offset, target.offset);
    allocator_->destroy(*smaller);
  } else {
    EXPECT_EQ(smaller.result(), VK_ERROR_FEATURE_NOT_PRESENT);
  }
  allocator_->destroy(target);
  allocator_->destroy(beside);
}

TEST_P(Aliases, WhatDoesNotFitIsRefusedAndLeavesNothing) {
  const Allocation pad = *allocator_->create_buffer(buffer_info(16), {});
  const Allocation target = *allocator_->create_buffer(buffer_info(16 * kKiB), {});
  const auto expect_refused = [&](const Expected<Allocation>& alias) {
    ASSERT_FALSE(alias);
    EXPECT_EQ(alias.result(), VK_ERROR_FEATURE_NOT_PRESENT);
  };
  expect_refused(allocator_->create_aliasing_buffer(buffer_info(17 * kKiB), {}, target));
  expect_refused(allocator_->create_aliasing_image(image_info(256), {}, target));
  Bytes misses = 1;
  while (is_aligned(target.offset, misses) && misses < kGiB) misses *= 2;
  if (target.offset != 0) {
    expect_refused(allocator_->create_aliasing_buffer(buffer_info(100), {.alignment = misses}, target));
  }
  const VkMemoryPropertyFlags flags = owner_->device().info->memory.memoryTypes[target.memory_type].propertyFlags;
  if ((flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) == 0) {
    expect_refused(allocator_->create_aliasing_buffer(buffer_info(100), {.memory = MemoryUse::upload}, target));
  }
  allocator_->destroy(target);
  allocator_->destroy(pad);
}

TEST_P(Aliases, LeaksAreListed) {
  const Allocation target = *allocator_->create_buffer(buffer_info(1000), {.user = 1});
  const Allocation alias = *allocator_->create_aliasing_buffer(buffer_info(500), {.user = 2}, target);
  allocator_->begin_frame(5);
  const std::vector<LiveAllocation> live = allocator_->live_allocations();
  ASSERT_EQ(live.size(), 2u);
  const auto found = std::find_if(live.begin(), live.end(), [](const LiveAllocation& one) { return one.user == 2; });
  ASSERT_NE(found, live.end());
  EXPECT_EQ(found->resource, alias.resource);
  EXPECT_EQ(found->age_frames, 5u);
  EXPECT_GE(found->size, 500u);
  EXPECT_NE(found->origin.file, nullptr);
  allocator_->destroy(alias);
  allocator_->destroy(target);
}

TEST_P(Aliases, TargetsAreNotKeptForReuse) {
  BufferReuse reuse(*allocator_, {.frames_in_flight = 0});
  const Allocation target = *reuse.acquire(buffer_info(4000), {});
  const Allocation alias = *allocator_->create_aliasing_buffer(buffer_info(4000), {}, target);
  EXPECT_FALSE(allocator_->hold(target));  // pinned
  EXPECT_FALSE(allocator_->hold(alias));
  reuse.release(alias);
  EXPECT_TRUE(allocator_->hold(target));  // no longer
  EXPECT_FALSE(allocator_->create_aliasing_buffer(buffer_info(4000), {}, target));
  allocator_->destroy(target);
}

TEST(AliasGranularity, KindsShareWholePagesOnly) {
  const auto owner = open_simulated_device(test_profile("pages"));  // of 64 KiB
  Allocator allocator(owner->device());
  const Allocation small = *allocator.create_buffer(buffer_info(32 * kKiB), {});
  const Allocation part = *allocator.create_buffer(buffer_info(96 * kKiB), {});
  const Allocation whole = *allocator.create_buffer(buffer_info(128 * kKiB), {.alignment = 64 * kKiB});
  const Allocation image = *allocator.create_image(image_info(100), {});
  EXPECT_FALSE(allocator.create_aliasing_image(image_info(16), {}, part));
  const Expected<Allocation> linear =
      allocator.create_aliasing_image(image_info(16, VK_IMAGE_TILING_LINEAR), {}, whole);
  const Expected<Allocation> optimal = allocator.create_aliasing_image(image_info(16), {}, whole);
  EXPECT_TRUE(linear);
  EXPECT_TRUE(optimal);
  EXPECT_FALSE(allocator.create_aliasing_buffer(buffer_info(100), {}, image));  // among images, not on whole pages
  const Expected<Allocation> same = allocator.create_aliasing_image(image_info(50), {}, image);
  EXPECT_TRUE(same);
  for (const auto& alias : {linear, optimal, same})
    if (alias) allocator.destroy(*alias);
  for (const Allocation& target : {small, part, whole, image}) allocator.destroy(target);
}

TEST(AliasFaults, WhateverFailsNothingIsLeftBehind) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  std::size_t failures = 0;
  for (std::uint64_t n = 1;; ++n) {
    FaultLayer faults(owner->device());
    faults.fail_any(n, VK_ERROR_OUT_OF_DEVICE_MEMORY);
    {
      Allocator allocator(faults.device());
      const Expected<Allocation> target = allocator.create_buffer(buffer_info(64 * kKiB), {});
      if (target) {
        const Expected<Allocation> buffer = allocator.create_aliasing_buffer(buffer_info(100), {}, *target);
        const Expected<Allocation> image = allocator.create_aliasing_image(image_info(16), {}, *target);
        failures += (buffer ? 0u : 1u) + (image ? 0u : 1u);
        if (buffer) allocator.destroy(*buffer);
        if (image) allocator.destroy(*image);
        allocator.destroy(*target);
      }
      EXPECT_TRUE(allocator.live_allocations().empty());
    }
    ASSERT_EQ(simulated_leaks(*owner).total(), 0u) << "after failing call " << n;
    if (!faults.fired_any()) break;
    ASSERT_LT(n, 50u);
  }
  EXPECT_EQ(failures, 4u);  // each creation and each bind
}

TEST(AliasDeathTest, MisuseAborts) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  Allocator allocator(owner->device());
  const Allocation target = *allocator.create_buffer(buffer_info(1000), {});
  const Allocation alias = *allocator.create_aliasing_buffer(buffer_info(1000), {}, target);
  allocator.destroy(target);
  EXPECT_DEATH(allocator.destroy(target), "between its creation and its destruction");
  allocator.destroy(alias);
  EXPECT_DEATH(allocator.destroy(alias), "between its creation and its destruction");
  EXPECT_DEATH((void)allocator.create_aliasing_buffer(buffer_info(1000), {}, alias),
               "between its creation and its destruction");
}

}  // namespace
}  // namespace vkmembench
