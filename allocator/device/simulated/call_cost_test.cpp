#include "allocator/device/simulated/call_cost.h"

#include <gtest/gtest.h>

namespace vkmembench {
namespace {

const CostCurve kCurve = {.points = {{1024, 100, 90, 120}, {2048, 300}, {4096, 200}}};

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
  EXPECT_EQ(kCurve.ns(6144), 200u) << "what falls in the end falls no further";
  EXPECT_EQ(kCurve.ns(Bytes{1} << 46), 200u);
  EXPECT_EQ((CostCurve{.points = {{1024, 100}, {2048, 300}}}).ns(4096), 700u);
  EXPECT_EQ((CostCurve{.points = {{64, 5}}}).ns(kGiB), 5u);
}

TEST(CostCurve, DoesNotOverflow) {
  const CostCurve steep = {.points = {{0, 0}, {1, 1'000'000'000}}};
  EXPECT_EQ(steep.ns(Bytes{1} << 33), (std::uint64_t{1} << 33) * 1'000'000'000u);
  EXPECT_EQ(steep.ns(Bytes{1} << 46), ~std::uint64_t{0});
}

CostCurve flat(std::uint64_t ns, std::uint32_t types, VkImageUsageFlags usages = 0, bool dedicated = false) {
  return {.memory_types = types, .image_usages = usages, .dedicated = dedicated, .points = {{0, ns}}};
}

TEST(CallCost, TakesTheFirstCurveThatSpeaksOfTheCall) {
  const CallCost cost = {7, 7, {flat(10, 0b0010), flat(20, 0b0110), flat(30, 0)}};
  EXPECT_EQ(cost.ns({.bytes = kMiB, .memory_type = 1}), 10u);
  EXPECT_EQ(cost.ns({.bytes = kMiB, .memory_type = 2}), 20u);
  EXPECT_EQ(cost.ns({.bytes = kMiB, .memory_type = 0}), 30u);
  EXPECT_EQ((CallCost{7, 7, {flat(10, 0b0010)}}).ns({.bytes = kMiB, .memory_type = 3}), 0u);
}

TEST(CallCost, KnowsImagesByUsageAndDedicatedMemory) {
  constexpr VkImageUsageFlags kColor = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT;
  const CallCost cost = {0, 0, {flat(10, 0, kColor, true), flat(20, 0, 0, true), flat(30, 0, kColor), flat(40, 0)}};
  EXPECT_EQ(cost.ns({.image_usage = kColor | VK_IMAGE_USAGE_SAMPLED_BIT, .dedicated = true}), 10u);
  EXPECT_EQ(cost.ns({.image_usage = VK_IMAGE_USAGE_SAMPLED_BIT, .dedicated = true}), 20u);
  EXPECT_EQ(cost.ns({.image_usage = kColor}), 30u);
  EXPECT_EQ(cost.ns({}), 40u);
}

TEST(CallCost, OfALineRoundsDownAndDoesNotOverflow) {
  const CallCost cost = {5, 3};
  EXPECT_EQ(cost.ns({}), 5u);
  EXPECT_EQ(cost.ns({.bytes = kMiB / 2}), 6u);
  EXPECT_EQ(cost.ns({.bytes = kMiB + kMiB / 2}), 9u);
  EXPECT_EQ((CallCost{0, 1'000'000'000}.ns({.bytes = Bytes{1} << 46})), 1'000'000'000u * (std::uint64_t{1} << 26));
}

}  // namespace
}  // namespace vkmembench
