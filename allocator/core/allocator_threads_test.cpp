#include <gtest/gtest.h>

#include <mutex>
#include <random>
#include <thread>

#include "allocator/core/allocator.h"
#include "allocator/core/test_device.h"

namespace vkmembench {
namespace {

// Threads create, map, hand over and destroy; one more reads statistics all the while.
TEST(AllocatorThreads, SharedUseKeepsTheBooks) {
  const auto owner = open_simulated_device(test_profile("unified"));
  {
    Allocator allocator(owner->device());
    std::mutex mutex;
    std::vector<Allocation> handed_over;
    std::atomic<int> working{4};
    const auto work = [&](unsigned seed) {
      std::mt19937_64 random(seed);
      std::vector<Allocation> own;
      for (int step = 0; step < 3000; ++step) {
        if (random() % 2 == 0 || own.empty()) {
          VkBufferCreateInfo info{};
          info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
          info.size = 1 + random() % (Bytes{1} << (6 + random() % 14));
          info.usage = VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT;
          const Expected<Allocation> made = allocator.create_buffer(info, {MemoryUse::upload, 0, seed, false});
          ASSERT_TRUE(made);
          std::byte* bytes = *allocator.map(*made);
          bytes[0] = bytes[info.size - 1] = static_cast<std::byte>(seed);
          allocator.unmap(*made);
          allocator.touch(*made);
          own.push_back(*made);
        } else if (random() % 2 == 0) {
          const std::lock_guard lock(mutex);
          handed_over.push_back(own.back());
          own.pop_back();
          std::swap(own.empty() ? handed_over.back() : own.front(), handed_over.front());
        } else {
          allocator.destroy(own.back());
          own.pop_back();
        }
      }
      allocator.destroy(own);
      --working;
    };
    {
      std::vector<std::jthread> threads;
      for (unsigned seed = 1; seed <= 4; ++seed) threads.emplace_back(work, seed);
      while (working > 0) {
        allocator.begin_frame(allocator.statistics().total.allocation_count);
        for (const MemoryCounts& pool : allocator.detail().pools) EXPECT_LE(pool.allocation_bytes, pool.block_bytes);
        allocator.trim();
      }
    }
    allocator.destroy(handed_over);
    EXPECT_EQ(allocator.statistics().total.allocation_count, 0u);
    EXPECT_EQ(allocator.statistics().total.allocation_bytes, 0u);
  }
  EXPECT_EQ(simulated_leaks(*owner).total(), 0u);
}

}  // namespace
}  // namespace vkmembench
