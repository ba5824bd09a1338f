#include "allocator/host/host_layer.h"

#include <gtest/gtest.h>

#include <map>

#include "allocator/device/resource.h"
#include "allocator/device/simulated/simulated_device.h"
#include "allocator/host/callback_memory.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

constexpr std::size_t kBufferBytes = 96;

// A driver that keeps memory of the callbacks it is given for each buffer.
class Driver : public Layer<Driver> {
 public:
  using Layer::Layer;
  static constexpr bool intercepts(EntryPoint entry) {
    return entry == EntryPoint::create_buffer || entry == EntryPoint::destroy_buffer;
  }
  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(Call&& call, Args... args) {
    if constexpr (E == EntryPoint::create_buffer) {
      const VkResult result = call();
      create(args...);
      return result;
    } else {
      destroy(args...);
      call();
    }
  }

 private:
  void create(const VkBufferCreateInfo* /*info*/, const VkAllocationCallbacks* callbacks, VkBuffer* buffer) {
    memory_[*buffer] =
        callbacks->pfnAllocation(callbacks->pUserData, kBufferBytes, 8, VK_SYSTEM_ALLOCATION_SCOPE_OBJECT);
  }
  void destroy(VkBuffer buffer, const VkAllocationCallbacks* callbacks) {
    callbacks->pfnFree(callbacks->pUserData, memory_.at(buffer));
    memory_.erase(buffer);
  }
  std::map<VkBuffer, void*> memory_;
};

class HostLayerTest : public testing::Test {
 protected:
  VkBuffer create(const Device& device, const VkAllocationCallbacks* callbacks) {
    VkBufferCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    info.size = 256;
    info.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT;
    VkBuffer buffer = VK_NULL_HANDLE;
    EXPECT_EQ(device.fn.create_buffer(device.handle, &info, callbacks, &buffer), VK_SUCCESS);
    return buffer;
  }
  HostTracker tracker_;
  VulkanCallbacks callbacks_{tracker_, "driver"};
  std::unique_ptr<DeviceOwner> owner_ = open_simulated_device(test_profile());
  Driver driver_{owner_->device()};
  HostLayer layer_{driver_.device(), tracker_, callbacks_};
};

TEST_F(HostLayerTest, CountsWhatTheDriverAsksForByScopeAndEntryPoint) {
  const VkBuffer buffer = create(layer_.device(), nullptr);
  const HostSnapshot during = tracker_.snapshot();
  EXPECT_EQ(during.counts("driver").live_bytes(), kBufferBytes);
  EXPECT_EQ(during.counts("driver::object::create_buffer").live_count(), 1u);
  destroy_resource(layer_.device(), reinterpret_cast<std::uint64_t>(buffer), false);
  EXPECT_EQ(tracker_.snapshot().counts("driver").live_bytes(), 0u);
}

TEST_F(HostLayerTest, ReplacesTheCallersCallbacks) {
  VulkanCallbacks own(tracker_, "own");
  const VkBuffer buffer = create(layer_.device(), own.get());
  EXPECT_EQ(tracker_.snapshot().counts("own").allocated_count, 0u);
  EXPECT_EQ(tracker_.snapshot().counts("driver").allocated_count, 1u);
  layer_.device().fn.destroy_buffer(layer_.device().handle, buffer, own.get());
  EXPECT_EQ(tracker_.snapshot().all().live_bytes(), 0u);
}

TEST(CallbackMemory, TakesMemoryFromTheCallbacks) {
  HostTracker tracker;
  const VulkanCallbacks callbacks(tracker, "metadata");
  CallbackMemory memory(callbacks.get());
  {
    std::pmr::vector<int> numbers(100, 7, &memory);
    EXPECT_EQ(tracker.snapshot().counts("metadata::object").live_bytes(), 100 * sizeof(int));
  }
  EXPECT_EQ(tracker.snapshot().all().live_bytes(), 0u);
  EXPECT_TRUE(memory.is_equal(CallbackMemory(callbacks.get())));
  EXPECT_FALSE(memory.is_equal(CallbackMemory(nullptr)));
}

TEST(CallbackMemory, TakesTheRuntimesMemoryWithoutCallbacks) {
  CallbackMemory memory(nullptr);
  const std::pmr::vector<int> numbers(100, 7, &memory);
  EXPECT_EQ(numbers.back(), 7);
}

}  // namespace
}  // namespace vkmembench
