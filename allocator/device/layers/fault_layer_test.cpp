#include "allocator/device/layers/fault_layer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

VkResult make_buffer(const Device& d, VkBuffer* out = nullptr) {
  const VkBufferCreateInfo info = buffer_info(64);
  VkBuffer buffer = VK_NULL_HANDLE;
  const VkResult result = d.fn.create_buffer(d.handle, &info, nullptr, &buffer);
  if (out != nullptr)
    *out = buffer;
  else if (result == VK_SUCCESS)
    d.fn.destroy_buffer(d.handle, buffer, nullptr);
  return result;
}

class NthCall : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Table, NthCall, testing::Values(1, 2, 3, 17));
TEST_P(NthCall, FailsOnceAndReachesNoDriver) {
  const SimulatedFixture sim(test_profile());
  FaultLayer layer(sim.d);
  layer.fail(EntryPoint::create_buffer, GetParam(), VK_ERROR_DEVICE_LOST);
  for (std::uint64_t n = 1; n <= GetParam() + 3; ++n) {
    EXPECT_EQ(layer.fired(EntryPoint::create_buffer), n > GetParam());
    VkBuffer buffer = VK_NULL_HANDLE;
    EXPECT_EQ(make_buffer(layer.device(), &buffer), n == GetParam() ? VK_ERROR_DEVICE_LOST : VK_SUCCESS) << n;
    EXPECT_EQ(buffer == VK_NULL_HANDLE, n == GetParam());
  }
  EXPECT_EQ(simulated_leaks(*sim.owner).buffers, GetParam() + 2);
  EXPECT_FALSE(layer.fired(EntryPoint::create_image));
}

TEST(FaultLayer, LeavesOtherEntryPointsAlone) {
  const SimulatedFixture sim(test_profile());
  FaultLayer layer(sim.d);
  layer.fail(EntryPoint::create_image, 1, VK_ERROR_DEVICE_LOST);
  EXPECT_EQ(make_buffer(layer.device()), VK_SUCCESS);
  EXPECT_FALSE(layer.fired(EntryPoint::create_image));
}

TEST(FaultLayer, PassesWhatCannotFail) {
  const SimulatedFixture sim(test_profile());
  FaultLayer layer(sim.d);
  layer.fail(EntryPoint::destroy_buffer, 1, VK_ERROR_DEVICE_LOST);
  EXPECT_EQ(make_buffer(layer.device()), VK_SUCCESS);
  EXPECT_EQ(simulated_leaks(*sim.owner).buffers, 0u);
}

TEST(FaultLayer, TheNthOfAnyFallibleCallsFails) {
  const SimulatedFixture sim(test_profile());
  FaultLayer layer(sim.d);
  layer.fail_any(3, VK_ERROR_OUT_OF_HOST_MEMORY);
  VkBuffer buffer = VK_NULL_HANDLE;
  EXPECT_EQ(make_buffer(layer.device()), VK_SUCCESS);  // its destruction is none
  EXPECT_EQ(make_buffer(layer.device(), &buffer), VK_SUCCESS);
  EXPECT_FALSE(layer.fired_any());
  const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, 64, 0};
  VkDeviceMemory memory = VK_NULL_HANDLE;
  const Device& d = layer.device();
  EXPECT_EQ(d.fn.allocate_memory(d.handle, &info, nullptr, &memory), VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_TRUE(layer.fired_any());
  EXPECT_FALSE(layer.fired(EntryPoint::allocate_memory));
  EXPECT_EQ(make_buffer(d), VK_SUCCESS);
  d.fn.destroy_buffer(d.handle, buffer, nullptr);
}

TEST(FaultLayer, CountsEveryCall) {
  const SimulatedFixture sim(test_profile());
  FaultLayer layer(sim.d);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(make_buffer(layer.device()), VK_SUCCESS);
  EXPECT_EQ(layer.calls(EntryPoint::create_buffer), 3u);
  EXPECT_EQ(layer.calls(EntryPoint::destroy_buffer), 3u);
  EXPECT_EQ(layer.calls(EntryPoint::create_image), 0u);
}

TEST(FaultLayer, ANewFaultReplacesTheOldOne) {
  const SimulatedFixture sim(test_profile());
  FaultLayer layer(sim.d);
  layer.fail(EntryPoint::create_buffer, 1, VK_ERROR_DEVICE_LOST);
  layer.fail(EntryPoint::create_buffer, 2, VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_EQ(make_buffer(layer.device()), VK_SUCCESS);
  EXPECT_EQ(make_buffer(layer.device()), VK_ERROR_OUT_OF_HOST_MEMORY);
}

TEST(FaultLayer, OneCallOfManyThreadsFails) {
  const SimulatedFixture sim(test_profile());
  FaultLayer layer(sim.d);
  layer.fail(EntryPoint::create_buffer, 150, VK_ERROR_OUT_OF_HOST_MEMORY);
  std::atomic<int> failures{0};
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i) failures += make_buffer(layer.device()) != VK_SUCCESS;
      });
    }
  }
  EXPECT_EQ(failures, 1);
}

TEST(FaultLayer, SleepsInEachCall) {
  const SimulatedFixture sim(test_profile());
  FaultLayer layer(sim.d);
  constexpr std::chrono::milliseconds kSleep(3);
  layer.sleep_in_each_call(kSleep);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(make_buffer(layer.device()), VK_SUCCESS);  // and destroys it
  EXPECT_GE(std::chrono::steady_clock::now() - start, 2 * kSleep);
  layer.fail(EntryPoint::create_buffer, 1, VK_ERROR_DEVICE_LOST);
  EXPECT_EQ(make_buffer(layer.device()), VK_ERROR_DEVICE_LOST);
}

}  // namespace
}  // namespace vkmembench
