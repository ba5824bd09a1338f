#include "allocator/device/simulated/call_cost.h"

#include <gtest/gtest.h>

namespace vkmembench {
namespace {

const CostCurve kCurve = {0, {{1024, 100, 90, 120}, {2048, 300}, {4096, 200}}};

TEST(CostCurve, IsStraightBetweenPoints) {
  EXPECT_EQ(kCurve.ns(1024), 100u);
  EXPECT_EQ(kCurve.ns(1536), 200u);
  EXPECT_EQ(kCurve.ns(2048), 300u);
  EXPECT_EQ(kCurve.ns(3072), 250u);
  EXPECT_EQ(kCurve.ns(4096), 200u);
}

TEST(CostCurve, KeepsTheFirstBelowAndTheLastSlopeAbove) {
  EXPECT_EQ(kCurve.ns(0), 100u);
  EXPECT_EQ(kCurve.ns(1023), 100u);
  EXPECT_EQ(kCurve.ns(6144), 100u);
  EXPECT_EQ(kCurve.ns(Bytes{1} << 46), 0u) << "no time is negative";
  EXPECT_EQ((CostCurve{0, {{64, 5}}}).ns(kGiB), 5u);
}

TEST(CostCurve, DoesNotOverflow) {
  const CostCurve steep = {0, {{0, 0}, {1, 1'000'000'000}}};
  EXPECT_EQ(steep.ns(Bytes{1} << 33), (std::uint64_t{1} << 33) * 1'000'000'000u);
  EXPECT_EQ(steep.ns(Bytes{1} << 46), ~std::uint64_t{0});
}

TEST(CallCost, TakesTheFirstCurveOfTheMemoryType) {
  const CallCost cost = {7, 7, {{0b0010, {{0, 10}}}, {0b0110, {{0, 20}}}, {0, {{0, 30}}}}};
  EXPECT_EQ(cost.ns(kMiB, 1), 10u);
  EXPECT_EQ(cost.ns(kMiB, 2), 20u);
  EXPECT_EQ(cost.ns(kMiB, 0), 30u);
  EXPECT_EQ((CallCost{7, 7, {{0b0010, {{0, 10}}}}}).ns(kMiB, 3), 0u);
}

TEST(CallCost, OfALineRoundsDownAndDoesNotOverflow) {
  const CallCost cost = {5, 3};
  EXPECT_EQ(cost.ns(0), 5u);
  EXPECT_EQ(cost.ns(kMiB / 2), 6u);
  EXPECT_EQ(cost.ns(kMiB + kMiB / 2), 9u);
  EXPECT_EQ((CallCost{0, 1'000'000'000}.ns(Bytes{1} << 46)), 1'000'000'000u * (std::uint64_t{1} << 26));
}

}  // namespace
}  // namespace vkmembench
