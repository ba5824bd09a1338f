#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

// `kinds` by its index in the parameter's choices: all, buffers, images, small, large.
constexpr double kBuffers = 1;
constexpr double kImages = 2;
constexpr double kSmall = 3;
constexpr double kLarge = 4;

std::set<std::string> tags(double kinds) {
  const Trace trace = generate("churn", {{"kinds", kinds}});
  std::set<std::string> tags;
  for (ObjectIndex i = 0; i < trace.objects.size(); ++i) tags.emplace(tag_of(trace, i));
  return tags;
}

TEST(Churn, KindsChooseRowsOfTheMatrix) {
  using Tags = std::set<std::string>;
  EXPECT_EQ(tags(0), (Tags{"small_buffers", "large_buffers", "small_images", "large_images"}));
  EXPECT_EQ(tags(kBuffers), (Tags{"small_buffers", "large_buffers"}));
  EXPECT_EQ(tags(kImages), (Tags{"small_images", "large_images"}));
  EXPECT_EQ(tags(kSmall), (Tags{"small_buffers", "small_images"}));
  EXPECT_EQ(tags(kLarge), (Tags{"large_buffers", "large_images"}));
}

TEST(Churn, SizesAreTheMatrixs) {
  const Trace trace = generate("churn");
  for (ObjectIndex i = 0; i < trace.objects.size(); ++i) {
    const Shape& shape = trace.shape_of(i);
    const Bytes size = trace.objects[i].size;
    const std::string_view tag = tag_of(trace, i);
    const std::uint32_t shorter = std::min(shape.extent.width, shape.extent.height);
    const std::uint32_t longer = std::max(shape.extent.width, shape.extent.height);
    if (tag == "small_buffers") {
      ASSERT_TRUE(size >= 16 && size <= kKiB) << size;
    } else if (tag == "large_buffers") {
      ASSERT_TRUE(size >= 64 * kKiB && size <= 10 * kMiB) << size;
    } else if (tag == "small_images") {
      ASSERT_TRUE(shorter >= 4 && longer <= 32) << shorter << " " << longer;
    } else {
      ASSERT_TRUE(shorter >= 256 && longer <= 2048) << shorter << " " << longer;
    }
  }
}

TEST(Churn, FillsTheCapacityAndNeverExceedsIt) {
  const Bytes small = summarize(generate("churn", {{"kinds", kSmall}})).live_peak_bytes;
  EXPECT_LE(small, 4 * kMiB);
  EXPECT_GT(small, 4 * kMiB * 99 / 100);
  const Bytes large = summarize(generate("churn", {{"kinds", kLarge}})).live_peak_bytes;
  EXPECT_LE(large, 256 * kMiB);
  EXPECT_GT(large, 256 * kMiB * 97 / 100);
}

TEST(Churn, HoldsTheLevelDuringTheOperations) {
  const TraceSummary summary = summarize(generate("churn"));
  const auto half = [&](const char* row, Bytes capacity, Bytes largest) {
    const Bytes bytes = summary.snapshots.at(row).bytes;
    EXPECT_LE(bytes, capacity / 2) << row;
    EXPECT_GE(bytes + 2 * largest, capacity * 45 / 100) << row;
  };
  half("small_buffers", 4 * kMiB, kKiB);
  half("small_images", 4 * kMiB, 4 * kKiB);
  half("large_buffers", 256 * kMiB, 10 * kMiB);
  half("large_images", 256 * kMiB, 16 * kMiB);
}

TEST(Churn, MovesNoContents) {
  const TraceSummary summary = summarize(generate("churn"));
  EXPECT_EQ(summary.used_ops(), (std::set<Op>{Op::frame, Op::buffer, Op::image, Op::free, Op::snapshot}));
}

TEST(Churn, OperationsAreAddedAtEachLevel) {
  const auto creates_and_frees = [](double operations) {
    const TraceSummary summary = summarize(generate("churn", {{"operations", operations}}));
    return summary.count(Op::buffer) + summary.count(Op::image) + summary.count(Op::free);
  };
  // 16 levels; each operation is an event, and what it leaves more or less is freed at the end of its row.
  const auto added = static_cast<double>(creates_and_frees(2048) - creates_and_frees(1024));
  EXPECT_NEAR(added, 16 * 1024, 2000);
}

}  // namespace
}  // namespace vkmembench::testing
