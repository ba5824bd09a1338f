#include "bench/suites/paired.h"

#include <gtest/gtest.h>

#include <string>

namespace vkmembench {
namespace {

// Candidates that take 1, 2, 3, ... times as long as the base, after the run that is not timed.
PairedTimes of_ascending_ratios(int pairs) {
  double ratio = 0;
  return time_pairs([] { return 2.0; }, [&ratio] { return 2.0 * std::max(1.0, ratio++); }, pairs);
}

// Hollander and Wolfe, table A.2: of 21 values the 6th and the 16th, of 6 the first and the last.
TEST(PairedTimes, TakeTheMedianAndItsIntervalAtTheRanksOfTheSignTest) {
  const PairedTimes many = of_ascending_ratios(21);
  EXPECT_DOUBLE_EQ(many.evidence.low, 6);
  EXPECT_DOUBLE_EQ(many.evidence.ratio, 11);
  EXPECT_DOUBLE_EQ(many.evidence.high, 16);
  EXPECT_DOUBLE_EQ(many.best_base, 2);
  EXPECT_DOUBLE_EQ(many.best_candidate, 2);
  const PairedTimes few = of_ascending_ratios(6);
  EXPECT_DOUBLE_EQ(few.evidence.low, 1);
  EXPECT_DOUBLE_EQ(few.evidence.high, 6);
}

TEST(PairedTimes, SayNothingOfTheIntervalOfTooFewPairs) {
  const PairedTimes times = of_ascending_ratios(5);
  EXPECT_EQ(times.evidence.low, 0);
  EXPECT_EQ(times.evidence.high, std::numeric_limits<double>::infinity());
}

TEST(PairedTimes, ChangeTheOrderFromPairToPair) {
  std::string order;
  const auto turn = [&order](char who) {
    return [&order, who] {
      order += who;
      return 1.0;
    };
  };
  EXPECT_DOUBLE_EQ(time_pairs(turn('b'), turn('c'), 4).evidence.ratio, 1);
  EXPECT_EQ(order, "bcbccbbccb");
}

}  // namespace
}  // namespace vkmembench
