#include "allocator/device/layers/stop_layer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "allocator/device/layers/recording_layer.h"
#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

// Counts what reaches the driver.
class CountingLayer : public Layer<CountingLayer> {
 public:
  using Layer::Layer;
  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&...) {
    ++calls;
    return call();
  }
  std::atomic<int> calls = 0;
};

class StopLayers : public testing::Test {
 protected:
  VkResult make(VkBuffer& buffer) {
    const VkBufferCreateInfo info = buffer_info(64);
    return device_.fn.create_buffer(device_.handle, &info, nullptr, &buffer);
  }
  void destroy(VkBuffer buffer) { device_.fn.destroy_buffer(device_.handle, buffer, nullptr); }
  VkResult allocate(VkDeviceMemory& memory) {
    const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, 4096, 0};
    return device_.fn.allocate_memory(device_.handle, &info, nullptr, &memory);
  }
  void make_both(VkBuffer& buffer, VkDeviceMemory& memory) {
    ASSERT_EQ(make(buffer), VK_SUCCESS);
    ASSERT_EQ(allocate(memory), VK_SUCCESS);
  }

  SimulatedFixture sim_{test_profile()};
  StopFlag stop_;
  CountingLayer driver_{sim_.d};
  StopLayer layer_{driver_.device(), stop_};
  Device device_ = layer_.device();
};

TEST_F(StopLayers, PassesEverythingUntilTheFlagIsRaised) {
  VkBuffer buffer = VK_NULL_HANDLE;
  VkDeviceMemory memory = VK_NULL_HANDLE;
  EXPECT_EQ(make(buffer), VK_SUCCESS);
  EXPECT_EQ(allocate(memory), VK_SUCCESS);
  destroy(buffer);
  device_.fn.free_memory(device_.handle, memory, nullptr);
  EXPECT_EQ(driver_.calls, 4);
  EXPECT_EQ(simulated_leaks(*sim_.owner).total(), 0u);
}

TEST_F(StopLayers, AStrategyWhoseTimeIsUpGetsNothingNewAndGivesBackWhatItHas) {
  VkBuffer buffer = VK_NULL_HANDLE;
  VkDeviceMemory memory = VK_NULL_HANDLE;
  ASSERT_NO_FATAL_FAILURE(make_both(buffer, memory));
  stop_.raise(StopReason::strategy_timeout);
  VkBuffer refused = VK_NULL_HANDLE;
  VkDeviceMemory refused_memory = VK_NULL_HANDLE;
  EXPECT_EQ(make(refused), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(allocate(refused_memory), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  VkMemoryRequirements requirements{};
  device_.fn.get_buffer_memory_requirements(device_.handle, buffer, &requirements);
  EXPECT_EQ(requirements.memoryTypeBits, 0u);
  EXPECT_EQ(driver_.calls, 2);
  destroy(buffer);
  device_.fn.free_memory(device_.handle, memory, nullptr);
  EXPECT_EQ(device_.fn.device_wait_idle(device_.handle), VK_SUCCESS);
  EXPECT_EQ(driver_.calls, 5);
  EXPECT_EQ(simulated_leaks(*sim_.owner).total(), 0u);
}

TEST_F(StopLayers, NothingReachesTheDriverOnceEverythingIsAbandoned) {
  VkBuffer buffer = VK_NULL_HANDLE;
  VkDeviceMemory memory = VK_NULL_HANDLE;
  ASSERT_NO_FATAL_FAILURE(make_both(buffer, memory));
  stop_.raise_signal(15);
  VkBuffer refused = VK_NULL_HANDLE;
  VkDeviceMemory refused_memory = VK_NULL_HANDLE;
  void* address = nullptr;
  EXPECT_EQ(make(refused), VK_ERROR_DEVICE_LOST);
  EXPECT_EQ(allocate(refused_memory), VK_ERROR_DEVICE_LOST);
  EXPECT_EQ(device_.fn.map_memory(device_.handle, memory, 0, VK_WHOLE_SIZE, 0, &address), VK_ERROR_DEVICE_LOST);
  EXPECT_EQ(device_.fn.device_wait_idle(device_.handle), VK_ERROR_DEVICE_LOST);
  VkMemoryRequirements2 requirements{VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, nullptr, {}};
  const VkBufferMemoryRequirementsInfo2 query{VK_STRUCTURE_TYPE_BUFFER_MEMORY_REQUIREMENTS_INFO_2, nullptr, buffer};
  device_.fn.get_buffer_memory_requirements2(device_.handle, &query, &requirements);
  EXPECT_EQ(requirements.memoryRequirements.memoryTypeBits, 0u);
  EXPECT_EQ(requirements.memoryRequirements.alignment, 1u);
  VkPhysicalDeviceMemoryProperties memory_properties{};
  device_.fn.get_physical_device_memory_properties(device_.physical, &memory_properties);
  EXPECT_EQ(memory_properties.memoryTypeCount, device_.info->memory.memoryTypeCount);
  VkPhysicalDeviceProperties properties{};
  device_.fn.get_physical_device_properties(device_.physical, &properties);
  EXPECT_EQ(properties.limits.maxMemoryAllocationCount, device_.info->limits.maxMemoryAllocationCount);
  destroy(buffer);
  device_.fn.free_memory(device_.handle, memory, nullptr);
  EXPECT_EQ(driver_.calls, 2);
  EXPECT_EQ(simulated_leaks(*sim_.owner).buffers, 1u);
}

TEST_F(StopLayers, ARecordingIsAsItWasWhenTheFlagWasRaised) {
  RecordingLayer recording(driver_.device(), RecordingLayer::Timing::on, false, stop_);
  device_ = recording.device();
  CallRecord record;
  const RecordingLayer::Attachment attached(record);
  VkBuffer buffer = VK_NULL_HANDLE;
  VkDeviceMemory memory = VK_NULL_HANDLE;
  ASSERT_NO_FATAL_FAILURE(make_both(buffer, memory));
  const auto counts = record.counts;
  const Ticks ticks = record.driver_ticks;
  stop_.raise(StopReason::strategy_timeout);
  VkBuffer refused = VK_NULL_HANDLE;
  EXPECT_EQ(make(refused), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  destroy(buffer);
  device_.fn.free_memory(device_.handle, memory, nullptr);
  EXPECT_EQ(record.counts, counts);
  EXPECT_EQ(record.driver_ticks, ticks);
  EXPECT_EQ(record.live_buffers, 0) << "what is given back is noted";
  ASSERT_EQ(record.memory.size(), 2u);
  EXPECT_TRUE(record.memory[1].freed);
}

TEST_F(StopLayers, AThreadMeetsItWhereverItIs) {
  std::atomic<int> made{0};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      VkBuffer buffer = VK_NULL_HANDLE;
      while (make(buffer) == VK_SUCCESS) {
        ++made;
        made.notify_one();
        destroy(buffer);
      }
    });
  }
  made.wait(0);
  stop_.raise(StopReason::timeout);
}

}  // namespace
}  // namespace vkmembench
