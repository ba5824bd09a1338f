#include "allocator/device/layers/limits_layer.h"

#include <gtest/gtest.h>

#include <thread>

#include "allocator/device/layers/fault_layer.h"
#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

// The limits of test_profile() enforced by the layer alone: the device below has room for anything.
class Limited : public testing::Test {
 protected:
  Limited() : sim_(roomy()), faults_(sim_.d) {
    info_ = *sim_.d.info;
    const DeviceProfile small = test_profile();
    info_.memory = small.memory;
    info_.limits = small.limits;
    info_.max_memory_allocation_size = small.max_memory_allocation_size;
    Device narrow = faults_.device();
    narrow.info = &info_;
    limits_.emplace(narrow);
  }
  static DeviceProfile roomy() {
    DeviceProfile profile = test_profile();
    for (auto& heap : profile.memory.memoryHeaps) heap.size *= 1024;
    profile.limits.maxMemoryAllocationCount = 1u << 20;
    profile.max_memory_allocation_size = 1024 * kGiB;
    return profile;
  }
  [[nodiscard]] const Device& d() const { return limits_->device(); }
  Expected<VkDeviceMemory> allocate(Bytes size, std::uint32_t type = 0) const {
    const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, size, type};
    VkDeviceMemory memory = VK_NULL_HANDLE;
    const VkResult result = d().fn.allocate_memory(d().handle, &info, nullptr, &memory);
    if (result != VK_SUCCESS) return result;
    return memory;
  }
  void free(VkDeviceMemory memory) const { d().fn.free_memory(d().handle, memory, nullptr); }
  VkPhysicalDeviceMemoryBudgetPropertiesEXT ask(const LimitsLayer& layer) const {
    VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{};
    budget.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT;
    VkPhysicalDeviceMemoryProperties2 properties{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, &budget, {}};
    layer.device().fn.get_physical_device_memory_properties2(layer.device().physical, &properties);
    return budget;
  }

  SimulatedFixture sim_;
  FaultLayer faults_;
  DeviceInfo info_;
  std::optional<LimitsLayer> limits_;
};

TEST_F(Limited, AHeapHoldsItsSizeAndNotAByteMore) {
  const Bytes heap = info_.memory.memoryHeaps[1].size;  // 32 MiB
  const VkDeviceMemory most = allocate(20 * kMiB, 1).value();
  EXPECT_EQ(allocate(heap - 20 * kMiB + 1, 2).result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);  // types share their heap
  EXPECT_EQ(limits_->usage(1), 20 * kMiB);
  const VkDeviceMemory rest = allocate(heap - 20 * kMiB, 2).value();
  EXPECT_EQ(limits_->usage(1), heap);
  EXPECT_EQ(allocate(1, 1).result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_TRUE(allocate(1, 0));  // another heap
  free(most);
  EXPECT_EQ(limits_->usage(1), heap - 20 * kMiB);
  EXPECT_TRUE(allocate(20 * kMiB, 1));
  free(rest);
  EXPECT_EQ(limits_->usage(1), 20 * kMiB);
}

TEST_F(Limited, OneAllocationHasAMaximumSize) {
  EXPECT_EQ(allocate(24 * kMiB + 1).result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_TRUE(allocate(24 * kMiB));
}

TEST_F(Limited, ObjectsAreCounted) {
  std::vector<VkDeviceMemory> all;
  for (std::uint32_t i = 0; i < info_.limits.maxMemoryAllocationCount; ++i) all.push_back(allocate(64).value());
  EXPECT_EQ(allocate(64).result(), VK_ERROR_TOO_MANY_OBJECTS);
  EXPECT_EQ(limits_->usage(0), 64u * all.size());
  free(all.back());
  EXPECT_TRUE(allocate(64));
  EXPECT_EQ(allocate(64).result(), VK_ERROR_TOO_MANY_OBJECTS);
}

TEST_F(Limited, ARefusalBelowTakesNothing) {
  faults_.fail(EntryPoint::allocate_memory, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_EQ(allocate(kMiB).result(), VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_EQ(limits_->usage(0), 0u);
  for (std::uint32_t i = 0; i < info_.limits.maxMemoryAllocationCount; ++i) EXPECT_TRUE(allocate(64)) << i;
}

TEST_F(Limited, NothingIsFreedSilently) {
  free(VK_NULL_HANDLE);
  EXPECT_EQ(limits_->usage(0), 0u);
}

TEST_F(Limited, TheBudgetIsTheDevicesUntilSet) {
  EXPECT_EQ(limits_->budget(0), 60 * kMiB);
  const VkDeviceMemory memory = allocate(kMiB).value();
  limits_->set_budget(0, 5 * kMiB);
  const auto answer = ask(*limits_);
  EXPECT_EQ(answer.heapBudget[0], 5 * kMiB);
  EXPECT_EQ(answer.heapBudget[1], 30 * kMiB);
  EXPECT_EQ(answer.heapUsage[0], kMiB);
  EXPECT_EQ(answer.heapUsage[1], 0u);
  EXPECT_TRUE(allocate(6 * kMiB));  // a budget is advice
  free(memory);
  EXPECT_EQ(ask(*limits_).heapUsage[0], 6 * kMiB);
}

TEST_F(Limited, TheLiveBudgetIsTheDrivers) {
  LimitsLayer live(sim_.d, BudgetSource::driver);
  live.set_budget(0, 1);
  EXPECT_EQ(ask(live).heapBudget[0], 60 * kMiB);
  EXPECT_EQ(ask(live).heapUsage[0], 0u);  // of this layer, whatever others hold below
  const VkDeviceMemory elsewhere = allocate(kMiB).value();
  EXPECT_EQ(ask(live).heapUsage[0], 0u);
  free(elsewhere);
}

TEST_F(Limited, AQueryWithoutBudgetPasses) {
  VkPhysicalDeviceMemoryProperties2 properties{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, nullptr, {}};
  d().fn.get_physical_device_memory_properties2(d().physical, &properties);
  EXPECT_EQ(properties.memoryProperties.memoryHeapCount, 2u);
}

TEST_F(Limited, ThreadsNeverPassALimitTogether) {
  constexpr std::size_t kThreads = 4;
  std::atomic<std::uint32_t> served{0};
  std::atomic<std::uint32_t> live{0};
  std::atomic<bool> exceeded{false};
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        std::vector<VkDeviceMemory> mine;
        for (int i = 0; i < 200; ++i) {
          if (const auto memory = allocate(3 * kMiB, 1)) {
            ++served;
            if (++live > 10) exceeded = true;  // 32 MiB hold ten
            mine.push_back(*memory);
          }
          if (i % 3 == 2 && !mine.empty()) {
            --live;
            free(mine.back());
            mine.pop_back();
          }
        }
        for (const VkDeviceMemory memory : mine) {
          --live;
          free(memory);
        }
      });
    }
  }
  EXPECT_FALSE(exceeded);
  EXPECT_GE(served, 10u);
  EXPECT_EQ(limits_->usage(1), 0u);
}

using LimitedDeathTest = Limited;
TEST_F(LimitedDeathTest, MemoryOfAnotherTableCannotBeFreedHere) {
  const VkDeviceMemory foreign = sim_.allocate(64, 0).value();
  EXPECT_DEATH(free(foreign), "not allocated through this layer");
}

}  // namespace
}  // namespace vkmembench
