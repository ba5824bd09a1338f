#include "allocator/core/descriptors/bindless_registry.h"

#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "allocator/base/error.h"
#include "allocator/device/layers/fault_layer.h"
#include "allocator/device/real/vulkan_device.h"
#include "allocator/device/simulated/simulated_device.h"
#include "allocator/testing/bindless_registry_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

DeviceProfile profile_with(bool update_after_bind) {
  DeviceProfile profile = test_profile();
  profile.has_update_after_bind = update_after_bind;
  return profile;
}

constexpr Bytes kSize = StorageBuffers::kSize;

// A registry of four slots on a simulated device with update-after-bind or without, two frames in flight.
class Bindless : public testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<DeviceOwner> owner_ = open_simulated_device(profile_with(GetParam()));
  StorageBuffers buffers_{owner_->device(), 16};
  BindlessRegistry registry_{owner_->device(), {.capacity = 4, .frames_in_flight = 2}};
  std::uint64_t frame_ = 0;

  BindlessId add(std::size_t buffer) { return registry_.add(buffers_[buffer], 0, kSize).value(); }
  void begin() { registry_.begin_frame(frame_++); }
  VkBuffer shown(BindlessId id) const { return simulated_descriptor(registry_.descriptor_set(), id.slot).buffer; }
};
INSTANTIATE_TEST_SUITE_P(Devices, Bindless, testing::Bool(),
                         [](const auto& row) { return row.param ? "update_after_bind" : "plain"; });

TEST_P(Bindless, RegistersUntilTheSlotsAreUsedUp) {
  std::set<std::uint32_t> slots;
  for (std::size_t i = 0; i < 4; ++i) slots.insert(add(i).slot);
  EXPECT_EQ(slots, (std::set<std::uint32_t>{0, 1, 2, 3}));
  EXPECT_EQ(registry_.add(buffers_[4], 0, kSize).result(), VK_ERROR_OUT_OF_POOL_MEMORY);
  EXPECT_EQ(registry_.counts().live, 4u);
  EXPECT_EQ(registry_.counts().peak, 4u);
  EXPECT_EQ(registry_.counts().refused, 1u);
}

TEST_P(Bindless, ASlotIsFreeOnceTheFramesInFlightHaveBegun) {
  begin();
  for (std::size_t i = 0; i < 4; ++i) add(i);
  const BindlessId id{2, 1};
  EXPECT_EQ(registry_.remove(id), VK_SUCCESS);
  EXPECT_FALSE(registry_.add(buffers_[4], 0, kSize));
  begin();
  EXPECT_FALSE(registry_.add(buffers_[4], 0, kSize));
  begin();
  EXPECT_EQ(add(4), (BindlessId{2, 2}));
  EXPECT_EQ(registry_.counts().live, 4u);
  EXPECT_EQ(registry_.counts().peak, 4u);
}

TEST_P(Bindless, TheSameFrameAgainIsNoFrame) {
  begin();
  for (std::size_t i = 0; i < 4; ++i) add(i);
  EXPECT_EQ(registry_.remove({0, 1}), VK_SUCCESS);
  const VkDescriptorSet set = registry_.descriptor_set();
  for (int i = 0; i < 5; ++i) registry_.begin_frame(0);
  EXPECT_EQ(registry_.descriptor_set(), set);
  EXPECT_FALSE(registry_.add(buffers_[4], 0, kSize));
  registry_.begin_frame(1000);  // one frame, whatever its number
  EXPECT_FALSE(registry_.add(buffers_[4], 0, kSize));
}

TEST_P(Bindless, StaleAndUnknownIdsAreReported) {
  const BindlessId id = add(0);
  for (const BindlessId unknown :
       {BindlessId{}, BindlessId{id.slot, id.generation + 1}, BindlessId{1, 0}, BindlessId{3, 1}, BindlessId{~0u, 1}}) {
    EXPECT_FALSE(registry_.contains(unknown));
    EXPECT_EQ(registry_.remove(unknown), VK_ERROR_UNKNOWN);
    EXPECT_EQ(registry_.moved(unknown, buffers_[1]), VK_ERROR_UNKNOWN);
  }
  EXPECT_TRUE(registry_.contains(id));
  EXPECT_EQ(registry_.remove(id), VK_SUCCESS);
  EXPECT_EQ(registry_.remove(id), VK_ERROR_UNKNOWN);
  begin();
  begin();
  const BindlessId next = add(1);
  EXPECT_EQ(next.slot, id.slot);
  EXPECT_NE(next, id);
  EXPECT_EQ(registry_.moved(id, buffers_[2]), VK_ERROR_UNKNOWN);
  EXPECT_EQ(registry_.remove(id), VK_ERROR_UNKNOWN);
  EXPECT_TRUE(registry_.contains(next));
  EXPECT_EQ(registry_.counts().live, 1u);
  EXPECT_EQ(registry_.counts().refused, 0u);
}

TEST_P(Bindless, PartsThatTheDeviceCannotDescribeAreRefused) {
  EXPECT_EQ(registry_.add(buffers_[0], 16, 64).result(), VK_ERROR_FEATURE_NOT_PRESENT);  // a multiple of 32 it takes
  EXPECT_EQ(registry_.add(buffers_[0], 0, 16 * kKiB + 1).result(), VK_ERROR_FEATURE_NOT_PRESENT);
  EXPECT_EQ(registry_.counts().refused, 2u);
  EXPECT_EQ(registry_.counts().peak, 0u);
  const BindlessId id = registry_.add(buffers_[0], 32, 64).value();
  begin();
  const VkDescriptorBufferInfo part = simulated_descriptor(registry_.descriptor_set(), id.slot);
  EXPECT_EQ(part.offset, 32u);
  EXPECT_EQ(part.range, 64u);
}

TEST_P(Bindless, AMovedBufferKeepsItsIdAndPart) {
  const BindlessId id = registry_.add(buffers_[0], 32, 64).value();
  begin();
  EXPECT_EQ(shown(id), buffers_[0]);
  EXPECT_EQ(registry_.moved(id, buffers_[1]), VK_SUCCESS);
  for (int i = 0; i < 5; ++i) {
    begin();
    EXPECT_EQ(shown(id), buffers_[1]);
    EXPECT_EQ(simulated_descriptor(registry_.descriptor_set(), id.slot).offset, 32u);
  }
}

TEST_P(Bindless, AResizedBufferIsShownWithItsNewSize) {
  const BindlessId id = registry_.add(buffers_[0], 32, 512).value();
  begin();
  EXPECT_EQ(registry_.resized(id, buffers_[1], 64), VK_SUCCESS);
  EXPECT_EQ(registry_.resized(id, buffers_[1], 16 * kKiB + 1), VK_ERROR_FEATURE_NOT_PRESENT);
  for (int i = 0; i < 5; ++i) {
    begin();
    const VkDescriptorBufferInfo part = simulated_descriptor(registry_.descriptor_set(), id.slot);
    EXPECT_EQ(part.buffer, buffers_[1]);
    EXPECT_EQ(part.offset, 32u);
    EXPECT_EQ(part.range, 64u);
  }
  EXPECT_EQ(registry_.remove(id), VK_SUCCESS);
  EXPECT_EQ(registry_.resized(id, buffers_[1], 64), VK_ERROR_UNKNOWN);
}

TEST_P(Bindless, MisuseAborts) {
  EXPECT_DEATH(static_cast<void>(registry_.add(VK_NULL_HANDLE, 0, kSize)), "no buffer");
  EXPECT_DEATH(static_cast<void>(registry_.add(buffers_[0], 0, 0)), "no bytes");
  EXPECT_DEATH(BindlessRegistry(owner_->device(), {.frames_in_flight = 0}), "frame in flight");
  registry_.begin_frame(5);
  EXPECT_DEATH(registry_.begin_frame(4), "in order");
}

TEST(BindlessWithUpdateAfterBind, WritesAtOnceAndAllInOneSet) {
  const auto owner = open_simulated_device(profile_with(true));
  const StorageBuffers buffers(owner->device(), 2);
  BindlessRegistry registry(owner->device());
  const VkDescriptorSet set = registry.descriptor_set();
  const BindlessId id = registry.add(buffers[0], 0, kSize).value();
  EXPECT_EQ(simulated_descriptor(set, id.slot).buffer, buffers[0]);
  EXPECT_EQ(registry.moved(id, buffers[1]), VK_SUCCESS);
  EXPECT_EQ(simulated_descriptor(set, id.slot).buffer, buffers[1]);
  for (std::uint64_t frame = 0; frame < 3; ++frame) {
    registry.begin_frame(frame);
    EXPECT_EQ(registry.descriptor_set(), set);
  }
}

TEST(BindlessWithoutUpdateAfterBind, WritesOnlyTheSetOfTheFrameThatBegins) {
  const auto owner = open_simulated_device(profile_with(false));
  const StorageBuffers buffers(owner->device(), 2);
  BindlessRegistry registry(owner->device(), {.capacity = 2, .frames_in_flight = 3});
  std::vector<VkDescriptorSet> sets;
  for (std::uint64_t frame = 0; frame < 3; ++frame) {
    registry.begin_frame(frame);
    sets.push_back(registry.descriptor_set());
  }
  EXPECT_EQ(std::set<VkDescriptorSet>(sets.begin(), sets.end()).size(), 3u);
  const VkBuffer placeholder = simulated_descriptor(sets[0], 0).buffer;
  EXPECT_NE(placeholder, VkBuffer{VK_NULL_HANDLE});

  const BindlessId id = registry.add(buffers[0], 0, kSize).value();
  for (std::uint64_t frame = 3; frame < 6; ++frame) {
    for (std::size_t i = frame - 3; i < 3; ++i) EXPECT_EQ(simulated_descriptor(sets[i], id.slot).buffer, placeholder);
    registry.begin_frame(frame);
    EXPECT_EQ(registry.descriptor_set(), sets[frame - 3]);
    EXPECT_EQ(simulated_descriptor(sets[frame - 3], id.slot).buffer, buffers[0]);
    EXPECT_EQ(simulated_descriptor(sets[frame - 3], 1).buffer, placeholder);
  }
  EXPECT_EQ(registry.remove(id), VK_SUCCESS);
  for (std::uint64_t frame = 6; frame < 9; ++frame) {
    registry.begin_frame(frame);
    EXPECT_EQ(simulated_descriptor(sets[frame - 6], id.slot).buffer, placeholder);
  }
}

TEST(BindlessCapacity, IsWhatTheDeviceAllowsUnlessAskedForLess) {
  for (const bool update_after_bind : {true, false}) {
    const auto owner = open_simulated_device(profile_with(update_after_bind));
    EXPECT_EQ(BindlessRegistry(owner->device()).capacity(), update_after_bind ? 100u : 8u);
    EXPECT_EQ(BindlessRegistry(owner->device(), {.capacity = 3}).capacity(), 3u);
  }
  DeviceProfile large = profile_with(true);
  large.max_set_update_after_bind_storage_buffers = large.max_stage_update_after_bind_storage_buffers = ~0u;
  const auto owner = open_simulated_device(large);
  EXPECT_EQ(BindlessRegistry(owner->device()).capacity(), kMaxBindlessSlots);
}

std::string error_of(const DeviceProfile& profile, std::uint32_t capacity) {
  const auto owner = open_simulated_device(profile);
  try {
    const BindlessRegistry registry(owner->device(), {.capacity = capacity});
  } catch (const Error& error) {
    EXPECT_EQ(simulated_leaks(*owner).total(), 0u);
    return error.what();
  }
  return "";
}

TEST(BindlessCapacity, BeyondTheDeviceIsAnErrorThatNamesBothFigures) {
  EXPECT_THAT(error_of(profile_with(true), 101), AllOf(HasSubstr("101 slots"), HasSubstr("has 100")));
  EXPECT_THAT(error_of(profile_with(false), 9), AllOf(HasSubstr("9 slots"), HasSubstr("has 8")));
  DeviceProfile large = profile_with(true);
  large.max_set_update_after_bind_storage_buffers = large.max_stage_update_after_bind_storage_buffers = ~0u;
  EXPECT_THAT(error_of(large, 16385), AllOf(HasSubstr("16385 slots"), HasSubstr("at most 16384")));
  DeviceProfile none = profile_with(false);
  none.limits.maxPerStageDescriptorStorageBuffers = 0;
  EXPECT_THAT(error_of(none, 0), HasSubstr("no storage buffer descriptors"));
}

// A device call that fails while the registry is made.
class BindlessFault : public testing::TestWithParam<EntryPoint> {};

TEST_P(BindlessFault, ThrowsAndLeavesNothing) {
  const auto owner = open_simulated_device(profile_with(false));
  FaultLayer faults(owner->device());
  faults.fail(GetParam(), 1, VK_ERROR_OUT_OF_DEVICE_MEMORY);
  try {
    const BindlessRegistry registry(faults.device());
    FAIL() << "made";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("out_of_device_memory"));
  }
  EXPECT_TRUE(faults.fired(GetParam()));
  EXPECT_EQ(simulated_leaks(*owner).total(), 0u);
}
INSTANTIATE_TEST_SUITE_P(Calls, BindlessFault,
                         testing::Values(EntryPoint::create_descriptor_set_layout, EntryPoint::create_descriptor_pool,
                                         EntryPoint::allocate_descriptor_sets, EntryPoint::create_buffer,
                                         EntryPoint::allocate_memory, EntryPoint::bind_buffer_memory),
                         [](const auto& row) {
                           return std::string(kEntryPointNames[static_cast<std::size_t>(row.param)]);
                         });

TEST(BindlessThreads, IdsAreNobodyElses) {
  const auto owner = open_simulated_device(profile_with(true));
  const StorageBuffers buffers(owner->device(), 16);
  {
    BindlessRegistry registry(owner->device());
    const auto work = [&](std::size_t thread) {
      std::vector<BindlessId> own;
      for (int step = 0; step < 2000; ++step) {
        if (own.size() < 20) {
          const Expected<BindlessId> id = registry.add(buffers[thread], 0, kSize);
          if (id) own.push_back(*id);
        } else {
          EXPECT_EQ(registry.moved(own.back(), buffers[thread + 4]), VK_SUCCESS);
          EXPECT_EQ(registry.remove(own.back()), VK_SUCCESS);
          EXPECT_EQ(registry.remove(own.back()), VK_ERROR_UNKNOWN);
          own.pop_back();
        }
      }
      for (const BindlessId id : own) EXPECT_EQ(registry.remove(id), VK_SUCCESS);
    };
    {
      std::vector<std::jthread> threads;
      for (std::size_t thread = 0; thread < 4; ++thread) threads.emplace_back(work, thread);
      for (std::uint64_t frame = 0; frame < 500; ++frame) registry.begin_frame(frame);
    }
    EXPECT_EQ(registry.counts().live, 0u);
    EXPECT_LE(registry.counts().peak, 80u);
  }
}

// On the first real device of this machine, with the validation layer where it is installed.
class BindlessOnVulkan : public testing::TestWithParam<bool> {};

TEST_P(BindlessOnVulkan, WorksThroughManyFrames) {
  const VulkanDevices devices = list_vulkan_devices();
  if (devices.infos.empty()) GTEST_SKIP() << devices.reason;
  VulkanOptions options;
  options.validation = GetParam();
  const VulkanLoader loader(kVulkanLoader);
  if (options.validation && !loader.has_layer(kValidationLayer)) GTEST_SKIP() << "no validation layer";
  const auto owner = open_vulkan_device(0, options);
  {
    const Device device = owner->device();
    const StorageBuffers buffers(device, 8);
    BindlessRegistry registry(device, {.frames_in_flight = 3});
    EXPECT_EQ(registry.capacity(), std::min(device.info->max_bindless_storage_buffers, kMaxBindlessSlots));
    EXPECT_NE(registry.layout(), VkDescriptorSetLayout{VK_NULL_HANDLE});
    std::vector<BindlessId> live;
    for (std::uint32_t i = 0; i < registry.capacity(); ++i) live.push_back(registry.add(buffers[i], 0, kSize).value());
    EXPECT_EQ(registry.add(buffers[0], 0, kSize).result(), VK_ERROR_OUT_OF_POOL_MEMORY);
    for (std::uint64_t frame = 0; frame < 20; ++frame) {
      registry.begin_frame(frame);
      EXPECT_NE(registry.descriptor_set(), VkDescriptorSet{VK_NULL_HANDLE});
      EXPECT_EQ(registry.moved(live.front(), buffers[frame]), VK_SUCCESS);
      EXPECT_EQ(registry.remove(live.back()), VK_SUCCESS);
      EXPECT_EQ(registry.remove(live.back()), VK_ERROR_UNKNOWN);
      live.pop_back();
      while (live.size() + 3 < registry.capacity()) {
        const Expected<BindlessId> id = registry.add(buffers[frame], 0, kSize);
        ASSERT_TRUE(id) << "frame " << frame;
        live.insert(live.end() - 1, *id);
      }
    }
  }
  EXPECT_THAT(owner->validation_errors(), IsEmpty());
}
INSTANTIATE_TEST_SUITE_P(Validation, BindlessOnVulkan, testing::Bool(),
                         [](const auto& row) { return row.param ? "on" : "off"; });

}  // namespace
}  // namespace vkmembench
