#include "allocator/base/thread_barrier.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <thread>
#include <vector>

namespace vkmembench {
namespace {

constexpr std::size_t kThreads = 8;
constexpr int kMeetings = 2'000;

TEST(ThreadBarrier, NobodyIsAMeetingAhead) {
  ThreadBarrier barrier(kThreads);
  std::array<int, kThreads> done{};  // written before a meeting, read after it
  std::array<int, kThreads> wrong{};
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i)
      threads.emplace_back([&, i] {
        for (int meeting = 1; meeting <= kMeetings; ++meeting) {
          done[i] = meeting;
          barrier.arrive_and_wait();
          for (const int other : done) wrong[i] += other != meeting;
          barrier.arrive_and_wait();
        }
      });
  }
  EXPECT_EQ(wrong, (std::array<int, kThreads>{}));
}

TEST(ThreadBarrier, NobodyWaitsForWhoLeft) {
  ThreadBarrier barrier(kThreads);
  std::array<std::size_t, kThreads> meetings{};
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i)
      threads.emplace_back([&, i] {
        for (std::size_t meeting = 0; meeting < i; ++meeting) {
          barrier.arrive_and_wait();
          ++meetings[i];
        }
        barrier.arrive_and_drop();
      });
  }
  for (std::size_t i = 0; i < kThreads; ++i) EXPECT_EQ(meetings[i], i);
}

}  // namespace
}  // namespace vkmembench
