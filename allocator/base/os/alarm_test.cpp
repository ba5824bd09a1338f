#include "allocator/base/os/alarm.h"

#include <gtest/gtest.h>

#include <atomic>

#include "allocator/base/stop_flag.h"

namespace vkmembench {
namespace {

using Clock = std::chrono::steady_clock;

TEST(AlarmThread, RingsOnceItsTimeHasCome) {
  std::atomic<bool> rang{false};
  const Clock::time_point when = Clock::now() + std::chrono::milliseconds(20);
  const Alarm alarm(when, [&] {
    EXPECT_GE(Clock::now(), when);
    rang = true;
    rang.notify_one();
  });
  rang.wait(false);
}

TEST(AlarmThread, RingsAtOnceForATimeThatIsOver) {
  std::atomic<bool> rang{false};
  const Alarm alarm(Clock::now() - std::chrono::hours(1), [&] {
    rang = true;
    rang.notify_one();
  });
  rang.wait(false);
}

TEST(AlarmThread, DoesNotRingOnceItIsGone) {
  std::atomic<int> rings{0};
  for (int i = 0; i < 100; ++i) {
    const Alarm alarm(Clock::now() + std::chrono::hours(10'000), [&] { ++rings; });
  }
  EXPECT_EQ(rings, 0);
}

TEST(StopFlag, KeepsTheGravestReason) {
  StopFlag flag;
  EXPECT_FALSE(flag.raised());
  EXPECT_EQ(flag.reason(), StopReason::none);
  flag.raise(StopReason::strategy_timeout);
  EXPECT_TRUE(flag.raised());
  EXPECT_FALSE(flag.abandons());
  EXPECT_EQ(flag.reason(), StopReason::strategy_timeout);
  flag.raise(StopReason::timeout);
  EXPECT_TRUE(flag.abandons());
  EXPECT_EQ(flag.reason(), StopReason::timeout);
  EXPECT_EQ(flag.signal(), 0);
  flag.raise_signal(2);
  EXPECT_EQ(flag.reason(), StopReason::signal);
  EXPECT_EQ(flag.signal(), 2);
  flag.raise(StopReason::timeout);
  flag.raise(StopReason::strategy_timeout);
  flag.withdraw_own();
  EXPECT_EQ(flag.signal(), 2);
}

TEST(StopFlag, GoesOnWithTheNextStrategy) {
  StopFlag flag;
  for (const StopReason reason : {StopReason::strategy_timeout, StopReason::device_lost}) {
    flag.raise(reason);
    EXPECT_TRUE(flag.raised());
    EXPECT_FALSE(flag.abandons());
    flag.withdraw_own();
    EXPECT_FALSE(flag.raised());
  }
}

}  // namespace
}  // namespace vkmembench
