#include <gtest/gtest.h>

#include <random>

#include "allocator/core/allocator.h"
#include "allocator/device/layers/fault_layer.h"
#include "allocator/testing/test_device.h"

namespace vkmembench {
namespace {

VkBufferCreateInfo common_info() {
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  return info;
}

std::vector<Bytes> random_sizes(std::size_t count) {
  std::mt19937_64 random(count);
  std::vector<Bytes> sizes;
  for (std::size_t i = 0; i < count; ++i) sizes.push_back(1 + random() % (Bytes{1} << (4 + random() % 12)));
  return sizes;
}

// Around the number that are made together.
class BatchOf : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Counts, BatchOf, testing::Values(0u, 1u, 63u, 64u, 65u, 200u),
                         testing::PrintToStringParamName());

TEST_P(BatchOf, EachResultIsThatOfItsSizeAndUser) {
  const auto owner = open_simulated_device(test_profile("unified"));
  Allocator allocator(owner->device());
  const std::vector<Bytes> sizes = random_sizes(GetParam());
  std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
  allocator.create_buffers(common_info(), sizes, {.user = 1000}, results);
  for (const LiveAllocation& live : allocator.live_allocations()) {
    const std::size_t item = live.user - 1000;
    ASSERT_LT(item, sizes.size());
    EXPECT_EQ(live.resource, results[item]->resource);
    EXPECT_GE(live.size, sizes[item]);
    EXPECT_LT(live.size, sizes[item] + 256);
  }
  EXPECT_EQ(allocator.statistics().total.allocation_count, sizes.size());
  for (const auto& result : results) allocator.destroy(*result);
}

TEST_P(BatchOf, LargestComeFirstInTheirBlock) {
  constexpr Bytes kGap = 256;  // what is smaller may go between others, where alignment leaves room
  const auto owner = open_simulated_device(test_profile("unified"));
  Allocator allocator(owner->device());
  const std::vector<Bytes> sizes = random_sizes(GetParam());
  std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
  allocator.create_buffers(common_info(), sizes, {}, results);
  for (const auto& a : results)
    for (const auto& b : results)
      if (b->charged >= kGap && a->charged > b->charged + b->charged / 4) {
        EXPECT_LT(a->offset, b->offset);
      }
  for (const auto& result : results) allocator.destroy(*result);
}

// Whichever call fails, nothing is left of a batch that must be whole, and a partial one says which items are not.
TEST_P(BatchOf, FailuresLeaveNothingHalfMade) {
  for (std::uint64_t fail_at = 1; fail_at < GetParam() + GetParam() / 64 + 9; fail_at += 1 + GetParam() / 40) {
    for (const BatchMode mode : {BatchMode::partial, BatchMode::all_or_nothing}) {
      const auto owner = open_simulated_device(test_profile("unified"));
      {
        FaultLayer faults(owner->device());
        faults.fail_any(fail_at, VK_ERROR_OUT_OF_DEVICE_MEMORY);
        Allocator allocator(faults.device());
        const std::vector<Bytes> sizes = random_sizes(GetParam());
        std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
        allocator.create_buffers(common_info(), sizes, {}, results, mode);
        std::size_t made = 0;
        for (const auto& result : results) {
          if (result)
            ++made;
          else
            EXPECT_EQ(result.result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
        }
        if (mode == BatchMode::all_or_nothing) {
          EXPECT_TRUE(made == 0 || made == sizes.size()) << made;
        }
        EXPECT_EQ(allocator.statistics().total.allocation_count, made);
        EXPECT_EQ(simulated_leaks(*owner).buffers, made);
        for (const auto& result : results)
          if (result) allocator.destroy(*result);
      }
      EXPECT_EQ(simulated_leaks(*owner).total(), 0u);
    }
  }
}

}  // namespace
}  // namespace vkmembench
