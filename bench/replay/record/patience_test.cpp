#include "bench/replay/record/patience.h"

#include <gtest/gtest.h>

namespace vkmembench {
namespace {

using Clock = std::chrono::steady_clock;

TEST(Patience, LastsAsLongAsNothingStops) {
  StopFlag stop;
  Patience patience(stop);
  stop.raise(StopReason::strategy_timeout);  // of one strategy: its account is made
  for (int i = 0; i < 1'000'000; ++i) ASSERT_FALSE(patience.is_over());
}

TEST(Patience, IsOverATenthOfASecondAfterAStop) {
  StopFlag stop;
  stop.raise(StopReason::timeout);
  Patience patience(stop);
  for (int i = 0; i < 2048; ++i) ASSERT_FALSE(patience.is_over()) << "what takes no time is done";
  const Clock::time_point start = Clock::now();
  while (!patience.is_over() && Clock::now() < start + std::chrono::minutes(1)) {
  }
  EXPECT_GE(Clock::now() - start, std::chrono::milliseconds(90));
  EXPECT_TRUE(patience.is_over());
}

}  // namespace
}  // namespace vkmembench
