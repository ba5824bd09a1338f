#include "bench/run/round_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace vkmembench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// Plays every round with the same time and precision; how many rounds each strategy had.
std::vector<std::uint32_t> play(RoundSchedule& schedule, std::size_t strategies, double seconds, bool precise) {
  std::vector<std::uint32_t> counts(strategies);
  for (std::vector<std::size_t> round = schedule.next(); !round.empty(); round = schedule.next()) {
    for (const std::size_t strategy : round) {
      ++counts[strategy];
      schedule.done(strategy, seconds, precise);
    }
  }
  return counts;
}

TEST(RoundSchedule, KeepsTheOrderOfASingleRound) {
  RoundSchedule schedule(4, {.fixed = 1}, 7);
  EXPECT_THAT(schedule.next(), ElementsAre(0, 1, 2, 3));
  for (std::size_t i = 0; i < 4; ++i) schedule.done(i, 1, false);
  EXPECT_THAT(schedule.next(), IsEmpty());
}

TEST(RoundSchedule, ShufflesEachOfSeveralRoundsBySeed) {
  const auto orders = [](std::uint64_t seed) {
    RoundSchedule schedule(8, {.fixed = 20}, seed);
    std::vector<std::vector<std::size_t>> all;
    for (auto round = schedule.next(); !round.empty(); round = schedule.next()) {
      EXPECT_THAT(round, UnorderedElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
      for (const std::size_t strategy : round) schedule.done(strategy, 0, true);
      all.push_back(round);
    }
    return all;
  };
  EXPECT_EQ(orders(3).size(), 20u);
  EXPECT_EQ(orders(3), orders(3));
  EXPECT_NE(orders(3), orders(4));
  const auto once = orders(3);
  EXPECT_GT(std::set(once.begin(), once.end()).size(), 15u);
}

TEST(RoundSchedule, StopsAtTheLeastWhenTimesArePrecise) {
  RoundSchedule schedule(2, {.fixed = std::nullopt}, 1);
  EXPECT_THAT(play(schedule, 2, 0.01, true), ElementsAre(RepeatPolicy::kLeast, RepeatPolicy::kLeast));
}

TEST(RoundSchedule, StopsAtTheMostWhenTimesNeverAre) {
  RoundSchedule schedule(2, {.fixed = std::nullopt}, 1);
  EXPECT_THAT(play(schedule, 2, 0.01, false), ElementsAre(RepeatPolicy::kMost, RepeatPolicy::kMost));
}

TEST(RoundSchedule, StopsWhenEnoughWasMeasuredButNotBeforeTheLeast) {
  RoundSchedule slow(1, {.fixed = std::nullopt}, 1);
  EXPECT_THAT(play(slow, 1, RepeatPolicy::kSeconds, false), ElementsAre(RepeatPolicy::kLeast));
  RoundSchedule medium(1, {.fixed = std::nullopt}, 1);
  EXPECT_THAT(play(medium, 1, RepeatPolicy::kSeconds / 7.5, false), ElementsAre(8));
}

TEST(RoundSchedule, LeavesOutWhatIsDropped) {
  RoundSchedule schedule(3, {.fixed = 2}, 1);
  for (const std::size_t strategy : schedule.next()) schedule.done(strategy, 2, true);
  EXPECT_DOUBLE_EQ(schedule.seconds(1), 2);
  schedule.drop(1);
  EXPECT_THAT(schedule.next(), UnorderedElementsAre(0, 2));
  EXPECT_EQ(schedule.round(), 2u);
}

TEST(RoundSchedule, AStrategyThatIsPreciseLeavesTheOthersToGoOn) {
  RoundSchedule schedule(2, {.fixed = std::nullopt}, 1);
  std::vector<std::uint32_t> counts(2);
  for (auto round = schedule.next(); !round.empty(); round = schedule.next()) {
    for (const std::size_t strategy : round) {
      ++counts[strategy];
      schedule.done(strategy, 0.1, strategy == 0);
    }
  }
  EXPECT_THAT(counts, ElementsAre(RepeatPolicy::kLeast, RepeatPolicy::kMost));
}

}  // namespace
}  // namespace vkmembench
