#include <gtest/gtest.h>

#include <vector>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

TEST(Bimodal, MostObjectsHoldHardlyAByte) {
  const Trace trace = generate("bimodal");
  double small_count = 0;
  double small_bytes = 0;
  double all_bytes = 0;
  for (const TraceObject& object : trace.objects) {
    const Bytes size = object.size;
    const bool small = size <= 16 * kKiB;
    ASSERT_TRUE(small || (size >= 10 * kMiB + kMiB / 2 && size <= 12 * kMiB + kMiB * 2 / 5)) << size;
    small_count += small ? 1 : 0;
    small_bytes += small ? static_cast<double>(size) : 0;
    all_bytes += static_cast<double>(size);
  }
  const auto count = static_cast<double>(trace.objects.size());
  ASSERT_GT(count, 10'000);
  EXPECT_NEAR(small_count / count, 0.912, 0.01);
  EXPECT_NEAR(small_bytes / all_bytes, 0.0016, 0.0002);
}

TEST(Bimodal, EveryObjectIsFreedOneToThreeStepsLater) {
  const Trace trace = generate("bimodal");
  std::vector<std::uint64_t> born(trace.objects.size());
  std::vector<std::size_t> lives(5, 0);
  std::uint64_t frame = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) frame = event.frame();
    if (event.op == Op::buffer) born[event.object] = frame;
    if (event.op != Op::free) continue;
    const std::uint64_t life = frame - born[event.object];
    ASSERT_TRUE(life >= 1 && life <= 3) << life;
    ++lives[life];
  }
  for (const std::size_t life : {1u, 2u, 3u}) {
    EXPECT_NEAR(static_cast<double>(lives[life]) / static_cast<double>(trace.objects.size()), 1.0 / 3, 0.02) << life;
  }
}

class LargeShares : public ::testing::TestWithParam<double> {};
INSTANTIATE_TEST_SUITE_P(Permille, LargeShares, ::testing::Values(1.0, 300.0, 999.0));

TEST_P(LargeShares, FollowTheParameter) {
  const Trace trace = generate("bimodal", {{"large_permille", GetParam()}});
  const auto large = std::count_if(trace.objects.begin(), trace.objects.end(),
                                   [](const TraceObject& object) { return object.size > kMiB; });
  EXPECT_NEAR(static_cast<double>(large) / static_cast<double>(trace.objects.size()), GetParam() / 1000, 0.02);
}

}  // namespace
}  // namespace vkmembench::testing
