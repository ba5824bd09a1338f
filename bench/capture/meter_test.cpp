#include "bench/capture/meter.h"

#include <gtest/gtest.h>

namespace vkmembench {
namespace {

const CostCurve* curve_of(const std::array<CallCost, kEntryPointCount>& costs, EntryPoint entry,
                          const CallSubject& subject) {
  for (const CostCurve& curve : costs[static_cast<std::size_t>(entry)].curves)
    if (curve.speaks_of(subject)) return &curve;
  return nullptr;
}

TEST(Meter, HasACurveForEachKindOfCallTheNarrowerFirst) {
  Meter meter("A card");
  const auto call = [] { return VK_SUCCESS; };
  for (int i = 0; i < 5; ++i) {
    for (const Bytes bytes : {Bytes{64}, kMiB})
      for (const std::uint32_t type : {0u, 3u})
        meter.time(EntryPoint::allocate_memory, {.bytes = bytes, .memory_type = type}, call);
    meter.time(EntryPoint::allocate_memory, {.bytes = kMiB, .memory_type = 3, .dedicated = true}, call);
    meter.time(EntryPoint::bind_image_memory, {.bytes = 64}, call);
    meter.time(EntryPoint::bind_image_memory, {.bytes = 64, .image_usage = VK_IMAGE_USAGE_STORAGE_BIT}, call);
    meter.time(EntryPoint::device_wait_idle, {}, [] {});
  }
  const auto costs = meter.costs();
  EXPECT_EQ(costs[static_cast<std::size_t>(EntryPoint::allocate_memory)].curves.size(), 3u);
  const CostCurve* shared = curve_of(costs, EntryPoint::allocate_memory, {.memory_type = 3});
  ASSERT_NE(shared, nullptr);
  EXPECT_FALSE(shared->dedicated);
  EXPECT_EQ(shared->memory_types, 1u << 3);
  EXPECT_EQ(shared->points.size(), 2u);
  EXPECT_EQ(shared->points[1].bytes, kMiB);
  EXPECT_LE(shared->points[1].low_ns, shared->points[1].ns);
  EXPECT_GE(shared->points[1].high_ns, shared->points[1].ns);
  EXPECT_TRUE(curve_of(costs, EntryPoint::allocate_memory, {.memory_type = 3, .dedicated = true})->dedicated);
  EXPECT_EQ(curve_of(costs, EntryPoint::bind_image_memory, {.image_usage = VK_IMAGE_USAGE_STORAGE_BIT})->image_usages,
            VkImageUsageFlags{VK_IMAGE_USAGE_STORAGE_BIT});
  EXPECT_EQ(curve_of(costs, EntryPoint::bind_image_memory, {.image_usage = VK_IMAGE_USAGE_SAMPLED_BIT})->image_usages,
            0u);
  EXPECT_EQ(costs[static_cast<std::size_t>(EntryPoint::device_wait_idle)].curves.at(0).memory_types, 0u);
  EXPECT_TRUE(costs[static_cast<std::size_t>(EntryPoint::free_memory)].curves.empty());
}

// Nothing is written of a device that is lost meanwhile: the capture ends here.
TEST(Meter, EndsTheCaptureOfALostDevice) {
  Meter meter("A card");
  try {
    meter.time(EntryPoint::queue_submit, {}, [] { return VK_ERROR_DEVICE_LOST; });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::no_device);
    EXPECT_NE(std::string(error.what()).find("A card was lost in the middle of the capture; nothing is written"),
              std::string::npos);
  }
  EXPECT_EQ(meter.time(EntryPoint::allocate_memory, {}, [] { return VK_ERROR_OUT_OF_DEVICE_MEMORY; }),
            VK_ERROR_OUT_OF_DEVICE_MEMORY);
}

}  // namespace
}  // namespace vkmembench
