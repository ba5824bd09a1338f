#include <gtest/gtest.h>

#include <mutex>
#include <random>
#include <thread>

#include "allocator/core/arenas.h"
#include "allocator/testing/test_device.h"

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

// Threads with an arena each hand half of what they make to the next one, which uses and destroys it, while one more
// reads statistics, trims and turns frames.
TEST(ArenaThreads, FreesFromOtherThreadsFindTheirOwner) {
  constexpr unsigned kThreads = 4;
  const auto owner = open_simulated_device(test_profile("unified"));
  {
    Arenas arenas(owner->device(), {.count = 3});  // two of the threads share one
    struct Box {
      std::mutex mutex;
      std::vector<Allocation> content;
    };
    std::array<Box, kThreads> boxes;
    std::atomic<unsigned> working{kThreads};
    const auto work = [&](unsigned lane) {
      std::mt19937_64 random(lane);
      std::vector<Allocation> own;
      for (int step = 0; step < 3000; ++step) {
        VkBufferCreateInfo info{};
        info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
        info.size = 64 + random() % (Bytes{1} << (6 + random() % 12));
        info.usage = VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT;
        const Expected<Allocation> made = arenas.of_lane(lane).create_buffer(info, {.memory = MemoryUse::upload});
        ASSERT_TRUE(made);
        if (random() % 2 == 0) {
          own.push_back(*made);
        } else {
          Box& next = boxes[(lane + 1) % kThreads];
          const std::lock_guard lock(next.mutex);
          next.content.push_back(*made);
        }
        {
          const std::lock_guard lock(boxes[lane].mutex);
          own.insert(own.end(), boxes[lane].content.begin(), boxes[lane].content.end());
          boxes[lane].content.clear();
        }
        while (own.size() > 100) {
          std::swap(own[random() % own.size()], own.back());
          Allocator& made_by = arenas.owner_of(own.back());
          (*made_by.map(own.back()))[0] = std::byte{1};
          made_by.unmap(own.back());
          arenas.destroy(own.back(), lane);
          own.pop_back();
        }
      }
      for (const Allocation& allocation : own) arenas.destroy(allocation, lane);
      --working;
    };
    {
      std::vector<std::jthread> threads;
      for (unsigned lane = 0; lane < kThreads; ++lane) threads.emplace_back(work, lane);
      for (std::uint64_t frame = 0; working > 0; ++frame) {
        arenas.begin_frame(frame);
        for (const PoolSnapshot& pool : arenas.statistics().pools)
          EXPECT_LE(pool.now.allocation_bytes, pool.now.block_bytes) << pool.name;
        arenas.trim();
      }
    }
    for (const Box& box : boxes)
      for (const Allocation& allocation : box.content) arenas.destroy(allocation);
    EXPECT_EQ(arenas.statistics().total.allocation_count, 0u);
    arenas.trim();
    EXPECT_EQ(arenas.budget().objects(), 0u);
  }
  EXPECT_EQ(simulated_leaks(*owner).total(), 0u);
}

}  // namespace
}  // namespace vkmembench
