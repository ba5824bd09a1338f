#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "allocator/base/thread_barrier.h"
#include "allocator/host/host_tracker.h"

namespace vkmembench {
namespace {

constexpr std::size_t kPlain = alignof(std::max_align_t);

class HostThreads : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Modes, HostThreads, testing::Bool(),
                         [](const auto& suite) { return suite.param ? "checked" : "plain"; });

// Threads put what they allocate into places that they share, and free what they find there: mostly another thread's.
TEST_P(HostThreads, CountExactlyWhenTheyFreeForEachOther) {
  constexpr std::size_t kThreads = 16;
  // Allocations and frees. Fewer where every one takes a lock: a sanitizer on a busy machine needs minutes for more.
  const std::size_t operations = GetParam() ? 1'000'000 : 10'000'000;
  const std::size_t rounds = operations / 2 / kThreads;
  HostTracker tracker({.checked = GetParam()});
  const std::array<Category, 4> categories = {tracker.category("a"), tracker.category("a::b"),
                                              tracker.category("a::b::c"), tracker.category("d")};
  std::array<std::atomic<void*>, 256> shared{};
  std::array<std::array<Bytes, 4>, kThreads> bytes{};
  std::atomic<bool> done{false};
  std::jthread reader([&] {
    while (!done.load()) {
      const HostSnapshot now = tracker.snapshot();
      for (const auto& [category, counts] : now.categories) {
        ASSERT_GE(counts.allocated_bytes, counts.freed_bytes) << category;
        ASSERT_GE(counts.allocated_count, counts.freed_count) << category;
      }
      std::this_thread::yield();
    }
  });
  {
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < kThreads; ++thread)
      threads.emplace_back([&, thread] {
        std::mt19937_64 random(thread + 1);
        std::array<Bytes, 4> own{};
        for (std::size_t round = 0; round < rounds; ++round) {
          const std::uint64_t drawn = random();
          const std::size_t category = drawn % 4;
          const std::size_t size = 16 + (drawn >> 8) % 512;
          own[category] += size;
          void* pointer = tracker.allocate(size, kPlain, categories[category]);
          tracker.free(shared[(drawn >> 32) % shared.size()].exchange(pointer, std::memory_order_acq_rel));
        }
        bytes[thread] = own;
      });
  }
  done = true;
  reader.join();
  for (std::atomic<void*>& place : shared) tracker.free(place.load());

  std::array<Bytes, 4> sums{};
  for (const auto& own : bytes)
    for (std::size_t i = 0; i < own.size(); ++i) sums[i] += own[i];
  const HostSnapshot now = tracker.snapshot();
  EXPECT_EQ(now.counts("a::b::c").allocated_bytes, sums[2]);
  EXPECT_EQ(now.counts("a::b").allocated_bytes, sums[2] + sums[1]);
  EXPECT_EQ(now.counts("a").allocated_bytes, sums[2] + sums[1] + sums[0]);
  EXPECT_EQ(now.counts("d").allocated_bytes, sums[3]);
  EXPECT_EQ(now.all().allocated_count, kThreads * rounds);
  for (const auto& [category, counts] : now.categories) {
    EXPECT_EQ(counts.live_bytes(), 0u) << category;
    EXPECT_EQ(counts.live_count(), 0u) << category;
  }
}

TEST(HostThreads, PassTheirCountersOnWhenTheyEnd) {
  HostTracker tracker;
  const Category category = tracker.category("a");
  std::vector<void*> pointers(200);
  for (void*& pointer : pointers) std::jthread([&] { pointer = tracker.allocate(10, kPlain, category); }).join();
  EXPECT_EQ(tracker.snapshot().all().live_bytes(), 2'000u);
  EXPECT_EQ(tracker.snapshot().all().peak_bytes, 2'000u) << "one shard, used in turn";
  for (void* pointer : pointers) tracker.free(pointer);
}

// The peak of several threads is within a grain and a step each of what they held at once.
TEST(HostThreads, AddUpToAPeak) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 10'000'000;
  HostTracker tracker;
  const Category category = tracker.category("a");
  std::vector<std::vector<void*>> held(kThreads);
  {
    std::vector<std::jthread> threads;
    for (auto& own : held)
      threads.emplace_back([&] {
        for (std::size_t bytes = 0; bytes < kEach; bytes += 500) own.push_back(tracker.allocate(500, kPlain, category));
      });
  }
  for (const auto& own : held)
    for (void* pointer : own) tracker.free(pointer);
  const HostCounts counts = tracker.snapshot().counts("a");
  EXPECT_EQ(counts.live_bytes(), 0u);
  EXPECT_NEAR(static_cast<double>(counts.peak_bytes), static_cast<double>(kThreads * kEach),
              static_cast<double>((kThreads + 1) * (HostCounters::kPeakGrain + HostCounters::kPeakStep)));
}

// Below the largest grain the grains shrink with the peak, and what is read as live is never above a peak.
TEST(HostThreads, AddUpToASmallPeak) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 32 * 1024;
  constexpr auto kAll = static_cast<double>(kThreads * kEach);
  for (const bool is_read : {false, true}) {
    HostTracker tracker;
    std::vector<Category> categories;
    for (std::size_t i = 0; i < kThreads; ++i) categories.push_back(tracker.category("a::" + std::to_string(i)));
    ThreadBarrier meet(kThreads + 1);
    {
      std::vector<std::jthread> threads;
      for (const Category category : categories)
        threads.emplace_back([&, category] {
          std::vector<void*> own;
          for (std::size_t bytes = 0; bytes < kEach; bytes += 256)
            own.push_back(tracker.allocate(256, kPlain, category));
          meet.arrive_and_wait();
          meet.arrive_and_wait();  // it was read
          for (void* pointer : own) tracker.free(pointer);
        });
      meet.arrive_and_wait();
      if (is_read) {
        for (const auto& [category, counts] : tracker.snapshot().categories)
          EXPECT_GE(counts.peak_bytes, counts.live_bytes()) << category;
      }
      meet.arrive_and_wait();
    }
    const HostCounts counts = tracker.snapshot().counts("a");
    EXPECT_EQ(counts.live_bytes(), 0u);
    if (is_read)
      EXPECT_EQ(static_cast<double>(counts.peak_bytes), kAll);
    else
      EXPECT_NEAR(static_cast<double>(counts.peak_bytes), kAll,
                  kThreads * (kAll / static_cast<double>(HostCounters::kGrainsInPeak) + 256));
  }
}

TEST(HostThreads, KeepTrackersApart) {
  auto first = std::make_unique<HostTracker>();
  HostTracker second;
  for (int i = 0; i < 10; ++i) {
    first->free(first->allocate(1, kPlain, first->category("a")));
    second.free(second.allocate(2, kPlain, second.category("b")));
  }
  EXPECT_EQ(first->snapshot().all().allocated_bytes, 10u);
  first.reset();
  HostTracker third;  // likely where the first was
  EXPECT_EQ(third.snapshot().all().allocated_bytes, 0u);
  third.free(third.allocate(3, kPlain, third.category("c")));
  EXPECT_EQ(third.snapshot().all().allocated_bytes, 3u);
  EXPECT_EQ(second.snapshot().all().allocated_bytes, 20u);
}

TEST(HostThreads, OutliveATracker) {
  std::atomic<int> stage{0};
  auto tracker = std::make_unique<HostTracker>();
  std::jthread thread([&] {
    tracker->free(tracker->allocate(1, kPlain, Category{}));
    stage = 1;
    while (stage != 2) std::this_thread::yield();
  });  // ends with counters of a tracker that is gone
  while (stage != 1) std::this_thread::yield();
  tracker.reset();
  stage = 2;
}

}  // namespace
}  // namespace vkmembench
