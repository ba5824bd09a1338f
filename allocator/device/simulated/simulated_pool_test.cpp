#include "allocator/device/simulated/simulated_pool.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "allocator/base/thread_barrier.h"
#include "allocator/device/simulated/simulated_state.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench::simulated {
namespace {

struct Thing : Object {
  static constexpr std::uint32_t kKind = 0x7e57;
};

TEST(ObjectPool, GivesObjectsOfOneThreadToAnother) {
  constexpr std::size_t kAtOnce = 300;
  constexpr int kRounds = 200;
  Device owner(test_profile(), {});
  ObjectPool<Thing> pool(owner);
  std::vector<Thing*> live(kAtOnce);
  std::set<Thing*> seen;
  ThreadBarrier turn(2);
  std::thread giver([&] {
    for (int round = 0; round < kRounds; ++round) {
      turn.arrive_and_wait();
      for (Thing* thing : live) pool.give(*thing);
      turn.arrive_and_wait();
    }
  });
  for (int round = 0; round < kRounds; ++round) {
    for (Thing*& thing : live) seen.insert(thing = &pool.take());
    EXPECT_EQ(pool.live(), kAtOnce);
    turn.arrive_and_wait();
    turn.arrive_and_wait();
  }
  giver.join();
  EXPECT_EQ(pool.live(), 0u);
  EXPECT_LE(seen.size(), 3 * kAtOnce) << "and not " << kAtOnce * kRounds;
}

TEST(ObjectPool, KeepsCountWhileThreadsGiveAndTakeAtOnce) {
  constexpr int kThreads = 4;
  Device owner(test_profile(), {});
  ObjectPool<Thing> pool(owner);
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::vector<Thing*> shared;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20'000; ++i) {
        Thing* thing = nullptr;
        if (t % 2 == 0) thing = &pool.take();
        const std::lock_guard guard(mutex);
        if (thing != nullptr) {
          shared.push_back(thing);
        } else if (!shared.empty()) {
          pool.give(*shared.back());
          shared.pop_back();
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(pool.live(), shared.size());
  EXPECT_EQ(std::set<Thing*>(shared.begin(), shared.end()).size(), shared.size());
}

}  // namespace
}  // namespace vkmembench::simulated
