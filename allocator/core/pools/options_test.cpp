#include "allocator/core/pools/options.h"

#include <gtest/gtest.h>

#include <functional>

#include "allocator/base/error.h"
#include "allocator/testing/test_device.h"

namespace vkmembench {
namespace {

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

class EveryParameter : public testing::TestWithParam<ParameterInfo> {};
INSTANTIATE_TEST_SUITE_P(Core, EveryParameter, testing::ValuesIn(core_parameters().begin(), core_parameters().end()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_P(EveryParameter, DefaultIsInBoundsAndReadsBack) {
  const ParameterInfo& info = GetParam();
  EXPECT_NO_THROW(check_parameter(info, info.default_value));
  EXPECT_EQ(parse_parameter(info, to_text(info.default_value)), info.default_value);
  EXPECT_FALSE(info.description.empty());
  EXPECT_NO_THROW((void)core_options({{std::string(info.name), info.default_value}}));
}

TEST_P(EveryParameter, NonsenseIsRefusedByName) {
  const std::string text = message_of([] { (void)parse_parameter(GetParam(), "nonsense!"); });
  EXPECT_NE(text.find(GetParam().name), std::string::npos) << text;
  EXPECT_NE(text.find("nonsense!"), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST_P(EveryParameter, BoundsAreInclusive) {
  const ParameterInfo& info = GetParam();
  const auto number = [&](double value) -> ParameterValue {
    if (std::holds_alternative<double>(info.default_value)) return value;
    return static_cast<std::uint64_t>(value);
  };
  if (std::holds_alternative<bool>(info.default_value) || std::holds_alternative<std::string>(info.default_value)) {
    EXPECT_THROW(check_parameter(info, number(0)), Error);  // no number at all
    return;
  }
  EXPECT_NO_THROW(check_parameter(info, number(info.min)));
  EXPECT_NO_THROW(check_parameter(info, number(info.max)));
  EXPECT_THROW(check_parameter(info, number(info.max + 1)), Error);
}

TEST(CoreOptions, EachNamedValueArrives) {
  const CoreOptions options = core_options({{"alignment", std::string("custom")},
                                            {"custom_alignment_bytes", std::uint64_t{512}},
                                            {"placement", std::string("best_fit")},
                                            {"fallback", std::string("forbid")},
                                            {"growth_ratio", 0.5},
                                            {"keep_empty_blocks", std::uint64_t{3}},
                                            {"borrow", false}});
  EXPECT_EQ(options.alignment, AlignmentPolicy::custom);
  EXPECT_EQ(options.custom_alignment_bytes, 512u);
  EXPECT_EQ(options.placement, Fit::best_fit);
  EXPECT_EQ(options.fallback, FallbackPolicy::forbid);
  EXPECT_EQ(options.growth_ratio, 0.5);
  EXPECT_EQ(options.keep_empty_blocks, 3u);
  EXPECT_FALSE(options.borrow);
}

TEST(CoreOptions, UnknownNamesAreRefusedWithASuggestion) {
  const std::string text = message_of([] { (void)core_options({{"placment", std::string("best_fit")}}); });
  EXPECT_NE(text.find("placement"), std::string::npos) << text;
}

TEST(CoreOptions, ContradictionsAreRefused) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  const DeviceInfo& device = *owner->device().info;
  const auto refusal = [&](auto change) {
    CoreOptions options;
    change(options);
    return message_of([&] { check_options(options, device); });
  };
  EXPECT_EQ(refusal([](CoreOptions&) {}), "");
  EXPECT_NE(refusal([](CoreOptions& o) { o.small_limit_bytes = 2 * kMiB; }).find("small_limit_bytes"),
            std::string::npos);
  EXPECT_NE(refusal([](CoreOptions& o) { o.min_block_bytes = kGiB; }).find("min_block_bytes"), std::string::npos);
  EXPECT_NE(refusal([](CoreOptions& o) { o.large_block_bytes = kGiB; }).find("heap"), std::string::npos);
  EXPECT_NE(refusal([](CoreOptions& o) {
              o.alignment = AlignmentPolicy::custom;
              o.custom_alignment_bytes = 48;
            }).find("power of two"),
            std::string::npos);
  DeviceInfo limited = device;
  limited.max_memory_allocation_size = 16 * kMiB;
  CoreOptions options;
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
  CoreOptions options;
  options.alignment = GetParam().policy;
  EXPECT_EQ(policy_alignment(options, GetParam().size), GetParam().expected);
}

TEST(StagingRingOption, HasNoSizeBetweenNothingAndItsLeast) {
  const DeviceInfo device = [] {
    DeviceInfo info;
    info.memory.memoryHeapCount = 1;
    info.memory.memoryHeaps[0].size = kGiB;
    return info;
  }();
  CoreOptions options;
  for (const Bytes bytes : {Bytes{0}, 64 * kKiB, kGiB, 2 * kGiB}) {  // what has no room is made smaller when it is used
    options.staging_ring_bytes = bytes;
    EXPECT_NO_THROW(check_options(options, device)) << bytes;
  }
  options.staging_ring_bytes = 64 * kKiB - 1;
  EXPECT_NE(message_of([&] { check_options(options, device); }).find("staging_ring_bytes of 65535 bytes is below"),
            std::string::npos);
}

}  // namespace
}  // namespace vkmembench
