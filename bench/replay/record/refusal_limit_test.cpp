#include "bench/replay/record/refusal_limit.h"

#include <gtest/gtest.h>

#include "allocator/device/simulated/simulated_device.h"
#include "bench/replay/testing/replay_fixture.h"

namespace vkmembench {
namespace {

// The fixture's device: heaps of 64 MiB (budget 60) and 32 MiB, allocations of 24 MiB at most, 32 objects.
class RefusalLimits : public testing::Test {
 protected:
  [[nodiscard]] LimitHit hit(VkResult result, Bytes size, MemoryUse memory = MemoryUse::device,
                             std::uint32_t type_bits = 0b0111) const {
    return limit_hit(result, {.memory = memory, .asked = size, .required = size, .type_bits = type_bits},
                     stage_->limits);
  }
  void open(const DeviceProfile& profile = replay_profile()) { stage_.emplace(profile); }
  void hold(Bytes size, std::uint32_t type = 0) {
    const Device& d = stage_->limits.device();
    const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, size, type};
    ASSERT_EQ(d.fn.allocate_memory(d.handle, &info, nullptr, &held_.emplace_back()), VK_SUCCESS);
  }
  void TearDown() override {
    const Device& d = stage_->limits.device();
    for (VkDeviceMemory memory : held_) d.fn.free_memory(d.handle, memory, nullptr);
  }

  std::optional<Stage> stage_;
  std::vector<VkDeviceMemory> held_;
};

TEST_F(RefusalLimits, AnAllocationBeyondTheLargestIsToBeSplit) {
  open();
  const LimitHit found = hit(VK_ERROR_OUT_OF_DEVICE_MEMORY, 25 * kMiB);
  EXPECT_EQ(found.limit, RefusalLimit::object_size);
  EXPECT_EQ(limit_text(found), "needs 26214400 bytes, 1048576 more than maxMemoryAllocationSize (25165824)");
  EXPECT_EQ(limit_remedy(found.limit), "split it; more memory helps nothing");
}

TEST_F(RefusalLimits, ABufferBeyondTheLargestComesFirst) {
  open();
  const Bytes most = stage_->raw.info->max_buffer_size;
  EXPECT_EQ(hit(VK_ERROR_OUT_OF_DEVICE_MEMORY, most + 1).limit, RefusalLimit::buffer_size);
}

TEST_F(RefusalLimits, AHeapMayBeTooSmallAsAWhole) {
  DeviceProfile profile = replay_profile();
  profile.max_memory_allocation_size = kGiB;
  open(profile);
  // Host memory of 32 MiB serves alone.
  const LimitHit host = hit(VK_ERROR_OUT_OF_DEVICE_MEMORY, 40 * kMiB, MemoryUse::upload);
  EXPECT_EQ(host.limit, RefusalLimit::heap_size);
  EXPECT_EQ(host.heap, 1u);
  EXPECT_EQ(host.bound, 32 * kMiB);
  // The largest heap that may serve is the bound.
  const LimitHit device = hit(VK_ERROR_OUT_OF_DEVICE_MEMORY, 100 * kMiB);
  EXPECT_EQ(device.limit, RefusalLimit::heap_size);
  EXPECT_EQ(device.bound, 64 * kMiB);
  EXPECT_EQ(limit_text(device), "needs 104857600 bytes, 37748736 more than the whole of heap 0 (67108864)");
}

TEST_F(RefusalLimits, AFullHeapWantsMoreMemory) {
  open();
  for (int i = 0; i < 3; ++i) hold(20 * kMiB);
  const LimitHit found = hit(VK_ERROR_OUT_OF_DEVICE_MEMORY, 10 * kMiB);
  EXPECT_EQ(found.limit, RefusalLimit::heap_full);
  EXPECT_EQ(limit_text(found), "needs 10485760 bytes of heap 0, where 62914560 of 67108864 are held");
  EXPECT_NE(limit_remedy(found.limit).find("more memory"), std::string_view::npos);
}

TEST_F(RefusalLimits, TheBudgetIsNamedBelowTheHeapsEnd) {
  open();
  for (int i = 0; i < 2; ++i) hold(20 * kMiB);
  const LimitHit found = hit(VK_ERROR_OUT_OF_DEVICE_MEMORY, 22 * kMiB);
  EXPECT_EQ(found.limit, RefusalLimit::budget);
  EXPECT_EQ(found.bound, 60 * kMiB);
  EXPECT_EQ(hit(VK_ERROR_OUT_OF_DEVICE_MEMORY, kMiB).limit, RefusalLimit::driver);
}

TEST_F(RefusalLimits, ObjectsAreCounted) {
  DeviceProfile profile = replay_profile();
  profile.limits.maxMemoryAllocationCount = 2;
  open(profile);
  for (int i = 0; i < 2; ++i) hold(kMiB);
  const LimitHit found = hit(VK_ERROR_TOO_MANY_OBJECTS, kMiB);
  EXPECT_EQ(found.limit, RefusalLimit::objects);
  EXPECT_EQ(limit_text(found), "2 memory objects are live, as many as maxMemoryAllocationCount allows (2)");
}

TEST_F(RefusalLimits, NoMemoryTypeMayServe) {
  open();
  EXPECT_EQ(hit(VK_ERROR_FEATURE_NOT_PRESENT, kMiB).limit, RefusalLimit::memory_type);
  EXPECT_EQ(hit(VK_ERROR_OUT_OF_DEVICE_MEMORY, kMiB, MemoryUse::upload, 0b0001).limit, RefusalLimit::memory_type);
}

TEST(RefusalLimitTable, HasATextAndARemedyForEach) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(RefusalLimit::count); ++i) {
    const auto limit = static_cast<RefusalLimit>(i);
    EXPECT_FALSE(limit_text({.limit = limit}).empty()) << kRefusalLimitNames[i];
    EXPECT_FALSE(limit_remedy(limit).empty()) << kRefusalLimitNames[i];
  }
}

// What a run says of a request that every strategy must refuse.
TEST(RefusalTexts, NameTheLimitInTheReport) {
  Story story;
  story.make(30 * kMiB);
  const Trace trace = story.finish();
  for (const std::string& strategy : preset_names()) {
    if (strategy == "null") continue;
    Stage stage(replay_profile());
    const Recording recording = stage.play(trace, strategy);
    const auto run = stage.summary(trace, recording);
    ASSERT_EQ(run.events.size(), 1u) << strategy;
    EXPECT_EQ(run.events.front().text,
              "buffer 1 of 31457280 bytes: out_of_device_memory: needs 31457280 bytes, 6291456 more than "
              "maxMemoryAllocationSize (25165824); split it; more memory helps nothing")
        << strategy;
  }
}

}  // namespace
}  // namespace vkmembench
