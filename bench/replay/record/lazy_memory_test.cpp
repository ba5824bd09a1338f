#include "bench/replay/record/lazy_memory.h"

#include <gtest/gtest.h>

#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_profile.h"
#include "bench/replay/testing/replay_fixture.h"

namespace vkmembench {
namespace {

constexpr std::uint32_t kPlainType = 0;
constexpr std::uint32_t kLazyType = 3;

// A driver that backs a quarter of what it is asked about.
class LazyMemoryTest : public testing::Test {
 protected:
  LazyMemoryTest() {
    device_.fn.get_device_memory_commitment = [](VkDevice, VkDeviceMemory memory, VkDeviceSize* out) {
      *out = reinterpret_cast<std::uintptr_t>(memory) / 4;
    };
  }
  // Memory whose handle is its size.
  static MemoryEvent event(Bytes size, std::uint32_t type, std::uint64_t position = 0) {
    return {.memory = reinterpret_cast<VkDeviceMemory>(size), .size = size, .position = position, .memory_type = type};
  }
  static MemoryEvent freed(Bytes size) {  // says no more
    return {.memory = reinterpret_cast<VkDeviceMemory>(size), .freed = true};
  }

  SimulatedFixture sim_{test_profile()};
  Device device_ = sim_.d;
  CallRecord own_;
  CallRecord lane_;
};

TEST_F(LazyMemoryTest, CountsOnlyLazyMemoryThatIsHeldWhenItLooks) {
  LazyMemory lazy(device_);
  ASSERT_TRUE(lazy.is_there());
  own_.memory = {event(4096, kLazyType), event(1 << 20, kPlainType)};
  lane_.memory = {event(8192, kLazyType), freed(8192)};
  lazy.look({&own_, &lane_});
  EXPECT_EQ(lazy.peaks().held, 4096u);
  EXPECT_EQ(lazy.peaks().committed, 1024u);
}

TEST_F(LazyMemoryTest, KeepsTheMostOfAllLooks) {
  LazyMemory lazy(device_);
  lane_.memory = {event(4096, kLazyType), event(8192, kLazyType)};
  lazy.look({&own_, &lane_});
  lane_.memory.push_back(freed(8192));
  lazy.look({&own_, &lane_});
  EXPECT_EQ(lazy.peaks().held, 12288u);
  EXPECT_EQ(lazy.peaks().committed, 3072u);
}

// One lane frees what another one allocated: the record of the free may come first.
TEST_F(LazyMemoryTest, TakesLanesInAnyOrder) {
  LazyMemory lazy(device_);
  own_.memory = {freed(4096)};
  lane_.memory = {event(4096, kLazyType)};
  lazy.look({&own_, &lane_});
  EXPECT_EQ(lazy.peaks().held, 0u);
}

// A handle comes again for memory of another type.
TEST_F(LazyMemoryTest, GoesByTheLastAllocationBehindAHandle) {
  LazyMemory lazy(device_);
  lane_.memory = {event(4096, kLazyType, 1), freed(4096), event(4096, kPlainType, 3)};
  lazy.look({&own_, &lane_});
  EXPECT_EQ(lazy.peaks().held, 0u);
}

TEST_F(LazyMemoryTest, AsksNothingOfADeviceWithoutIt) {
  DeviceInfo info = *device_.info;
  info.memory.memoryTypes[kLazyType].propertyFlags = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
  device_.info = &info;
  device_.fn.get_device_memory_commitment = nullptr;
  LazyMemory lazy(device_);
  EXPECT_FALSE(lazy.is_there());
  lane_.memory = {event(4096, kLazyType)};
  lazy.look({&lane_});
  EXPECT_EQ(lazy.peaks().held, 0u);
}

// A transient image of a device that has lazy memory, replayed.
TEST(LazyMemoryReplay, IsInTheRecording) {
  Story story;
  story.frame();
  Shape target;
  target.image = true;
  target.format = {VK_FORMAT_R8G8B8A8_UNORM};
  target.extent = {64, 64, 1};
  target.usage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT;
  target.memory = MemoryUse::transient;
  story.image(1, story.shape(target));
  story.frame();
  Stage stage(replay_profile());
  const Recording recording = stage.play(story.finish(), "dedicated");
  ASSERT_TRUE(recording.lazy);
  EXPECT_GT(recording.lazy->held, 0u);
  EXPECT_EQ(recording.lazy->committed, 0u);
}

}  // namespace
}  // namespace vkmembench
