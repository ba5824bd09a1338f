#include "allocator/base/os/clock.h"

#include <gtest/gtest.h>

namespace vkmembench {
namespace {

TEST(Clock, TicksBecomeTheNearestNanosecond) {
  EXPECT_EQ(ticks_to_ns(0, 0.3), 0u);
  EXPECT_EQ(ticks_to_ns(1, 0.3), 0u);
  EXPECT_EQ(ticks_to_ns(2, 0.3), 1u);
  EXPECT_EQ(ticks_to_ns(1, 0.5), 1u);
  EXPECT_EQ(ticks_to_ns(1'000'000'000'000, 1.0), 1'000'000'000'000u);
  TickRate rate;
  rate.ns_per_tick = 2.5;
  EXPECT_EQ(rate.to_ns(3), 8u);
}

TEST(Clock, CalibrationIsPlausible) {
  const TickRate rate = calibrate_ticks();
  EXPECT_GT(rate.ns_per_tick, 0.01);
  EXPECT_LE(rate.ns_per_tick, 1000.0);
  EXPECT_GT(rate.resolution_ns, 0.0);
  const Ticks before = read_ticks();
  EXPECT_LE(before, read_ticks());
}

}  // namespace
}  // namespace vkmembench
