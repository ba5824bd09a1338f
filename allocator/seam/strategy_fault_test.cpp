// Fails the n-th call of each entry point that makes or binds something, for every n that a course has: whatever fails,
// a strategy refuses with a result, leaks nothing and places nothing wrongly.
#include <gtest/gtest.h>

#include <array>

#include "allocator/device/layers/fault_layer.h"
#include "allocator/device/layers/limits_layer.h"
#include "allocator/oracle/checked.h"
#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/strategy_fixture.h"

namespace vkmembench {
namespace {

struct FaultCourse {
  std::string preset;
  std::string profile;
  VkResult failure;
};
void PrintTo(const FaultCourse& course, std::ostream* out) { *out << course.preset << " on " << course.profile; }

std::vector<FaultCourse> all_courses() {
  std::vector<FaultCourse> courses;
  for (const std::string& preset : preset_names(false)) {
    courses.push_back({preset, "discrete", VK_ERROR_OUT_OF_DEVICE_MEMORY});
    courses.push_back({preset, "mobile", VK_ERROR_OUT_OF_HOST_MEMORY});
    courses.push_back({preset, "dedicated", VK_ERROR_TOO_MANY_OBJECTS});
  }
  return courses;
}

// Creates of every kind, uses, frees. Returns how many steps failed.
std::size_t drive(Strategy& strategy) {
  std::vector<std::pair<Allocation, MemoryUse>> live;
  std::size_t failed = 0;
  const auto keep = [&](const Expected<Allocation>& made, MemoryUse use) {
    if (made)
      live.emplace_back(*made, use);
    else
      ++failed;
  };
  for (const Bytes size : {Bytes{700}, 40 * kKiB, 2 * kMiB, 20 * kMiB}) {
    for (const MemoryUse use : {MemoryUse::device, MemoryUse::upload, MemoryUse::readback})
      keep(strategy.create_buffer(buffer_request(size, use)), use);
  }
  for (const std::uint32_t side : {16u, 500u}) {
    keep(strategy.create_image(image_request(side, side)), MemoryUse::device);
    keep(strategy.create_image(image_request(side, side, VK_IMAGE_TILING_LINEAR)), MemoryUse::device);
  }
  const std::array<Bytes, 4> sizes = {64, 3 * kMiB, 300 * kKiB, 4096};
  std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
  strategy.create_buffers(buffer_request(0, MemoryUse::upload), sizes, results);
  for (const auto& result : results) {
    if (!result) {
      EXPECT_NE(result.result(), VK_NOT_READY);
    }
    keep(result, MemoryUse::upload);
  }
  for (const auto& [allocation, use] : live) {
    if (!is_mappable(use)) continue;
    const Expected<std::byte*> bytes = strategy.map(allocation);
    if (!bytes) {
      ++failed;
      continue;
    }
    (*bytes)[0] = std::byte{1};
    failed += strategy.flush(allocation, 0, 1) != VK_SUCCESS;
    failed += strategy.invalidate(allocation, 0, 1) != VK_SUCCESS;
    strategy.unmap(allocation);
  }
  for (const auto& [allocation, use] : live) strategy.destroy(allocation, 0);
  return failed;
}

class StrategyFaults : public testing::TestWithParam<FaultCourse> {};
INSTANTIATE_TEST_SUITE_P(Presets, StrategyFaults, testing::ValuesIn(all_courses()),
                         [](const auto& row) { return test_name(row.param.preset) + "_on_" + row.param.profile; });
TEST_P(StrategyFaults, LeaveNothingBehind) {
  const SimulatedFixture sim(test_profile(GetParam().profile));
  std::size_t failed = 0;
  for (const FallibleCall& fallible : kFallible) {
    const EntryPoint entry = fallible.entry;
    std::size_t faults = 0;
    for (std::uint64_t n = 1;; ++n) {
      FaultLayer faulty(sim.d);
      LimitsLayer limits(faulty.device());
      Violations violations;
      std::size_t failed_now = 0;
      {
        Checked strategy(limits.device(), sim.d, violations,
                         [](const Device& device) { return parse_strategy(GetParam().preset).make(device); });
        faulty.fail(entry, n, GetParam().failure);
        failed_now = drive(strategy);
      }
      ASSERT_EQ(simulated_leaks(*sim.owner).total(), 0u)
          << "call " << n << " of " << kEntryPointNames[static_cast<std::size_t>(entry)];
      for (const auto& [kind, count] : violations.counts()) {
        FAIL() << kind << " after call " << n << " of " << kEntryPointNames[static_cast<std::size_t>(entry)];
      }
      for (std::uint32_t heap = 0; heap < sim.d.info->memory.memoryHeapCount; ++heap) EXPECT_EQ(limits.usage(heap), 0u);
      if (!faulty.fired(entry)) {
        EXPECT_EQ(failed_now, 0u);
        break;
      }
      ++faults;
      failed += failed_now;
      ASSERT_LT(n, 500u);
    }
    if (entry == EntryPoint::create_buffer) {
      EXPECT_GE(faults, 15u);  // one may come from the buffers that core-pools makes ahead
    }
    if (entry == EntryPoint::create_image) {
      EXPECT_GE(faults, 4u);
    }
  }
  EXPECT_GT(failed, 4u);  // not everything that fails can be served another way
}

}  // namespace
}  // namespace vkmembench
