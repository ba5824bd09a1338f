#include "allocator/core/pools/options.h"

#include <gtest/gtest.h>

#include "allocator/testing/error_fixture.h"
#include "allocator/testing/test_device.h"

namespace vkmembench {
namespace {

TEST(AllocatorOptions, ContradictionsAreRefused) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  const DeviceInfo& device = *owner->device().info;
  const auto refusal = [&](auto change) {
    AllocatorOptions options;
    change(options);
    return message_of([&] { check_options(options, device); });
  };
  EXPECT_EQ(refusal([](AllocatorOptions&) {}), "");
  EXPECT_NE(refusal([](AllocatorOptions& o) { o.small_limit_bytes = 2 * kMiB; }).find("small_limit_bytes"),
            std::string::npos);
  EXPECT_NE(refusal([](AllocatorOptions& o) { o.min_block_bytes = kGiB; }).find("min_block_bytes"), std::string::npos);
  EXPECT_NE(refusal([](AllocatorOptions& o) { o.large_block_bytes = kGiB; }).find("heap"), std::string::npos);
  EXPECT_NE(refusal([](AllocatorOptions& o) {
              o.alignment = AlignmentPolicy::custom;
              o.custom_alignment_bytes = 48;
            }).find("power of two"),
            std::string::npos);
  DeviceInfo limited = device;
  limited.max_memory_allocation_size = 16 * kMiB;
  AllocatorOptions options;
  options.large_block_bytes = 32 * kMiB;
  EXPECT_NE(message_of([&] { check_options(options, limited); }).find("maxMemoryAllocationSize"), std::string::npos);
}

struct AlignmentCase {
  AlignmentPolicy policy;
  Bytes size;
  Bytes expected;
};
class PolicyAlignment : public testing::TestWithParam<AlignmentCase> {};
INSTANTIATE_TEST_SUITE_P(Table, PolicyAlignment,
                         testing::Values(AlignmentCase{AlignmentPolicy::device, 100, 1},
                                         AlignmentCase{AlignmentPolicy::smart, 1, 64},
                                         AlignmentCase{AlignmentPolicy::smart, 256 * kKiB - 1, 64},
                                         AlignmentCase{AlignmentPolicy::smart, 256 * kKiB, 4 * kKiB},
                                         AlignmentCase{AlignmentPolicy::smart, kMiB - 1, 4 * kKiB},
                                         AlignmentCase{AlignmentPolicy::smart, kMiB, 2 * kMiB},
                                         AlignmentCase{AlignmentPolicy::custom, 1, 4 * kKiB}));
TEST_P(PolicyAlignment, IsAsDocumented) {
  AllocatorOptions options;
  options.alignment = GetParam().policy;
  EXPECT_EQ(policy_alignment(options, GetParam().size), GetParam().expected);
}

}  // namespace
}  // namespace vkmembench
