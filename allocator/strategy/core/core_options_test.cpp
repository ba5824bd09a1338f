#include "allocator/strategy/core/core_options.h"

#include <gtest/gtest.h>

#include "allocator/base/error.h"
#include "allocator/strategy/strategies.h"
#include "allocator/testing/error_fixture.h"

namespace vkmembench {
namespace {

class EveryParameter : public testing::TestWithParam<Parameter> {};
INSTANTIATE_TEST_SUITE_P(Core, EveryParameter, testing::ValuesIn(core_parameters().begin(), core_parameters().end()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_P(EveryParameter, DefaultIsInBoundsAndReadsBack) {
  const Parameter& parameter = GetParam();
  const ParameterValue value = default_of(parameter);
  EXPECT_NO_THROW(check_parameter(parameter, value, "here"));
  EXPECT_EQ(parse_parameter(parameter, to_text(value), "here"), value);
  EXPECT_FALSE(parameter.description.empty());
  EXPECT_NO_THROW((void)core_options({{std::string(parameter.name), value}}));
}

TEST_P(EveryParameter, NonsenseIsRefusedByName) {
  const std::string strategy = "core-default{" + std::string(GetParam().name) + "=nonsense!}";
  const std::string text = message_of([&] { (void)parse_strategy(strategy); });
  EXPECT_NE(text.find(GetParam().name), std::string::npos) << text;
  EXPECT_NE(text.find("nonsense!"), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST_P(EveryParameter, BoundsAreInclusive) {
  const Parameter& parameter = GetParam();
  if (parameter.kind == ParameterKind::flag || parameter.kind == ParameterKind::choice) {
    EXPECT_THROW(check_parameter(parameter, std::uint64_t{0}, "here"), Error);  // no number at all
    return;
  }
  const auto check = [&](double number) { check_parameter(parameter, parameter_value(parameter, number), "here"); };
  EXPECT_NO_THROW(check(parameter.min));
  EXPECT_NO_THROW(check(parameter.max));
  EXPECT_THROW(check(parameter.max + 1), Error);
}

TEST(CoreOptions, EachNamedValueArrives) {
  const CoreOptions options = core_options({{"alignment", std::string("custom")},
                                            {"custom_alignment_bytes", std::uint64_t{512}},
                                            {"placement", std::string("best_fit")},
                                            {"fallback", std::string("forbid")},
                                            {"growth_ratio", 0.5},
                                            {"keep_empty_blocks", std::uint64_t{3}},
                                            {"borrow", false}});
  EXPECT_EQ(options.allocator.alignment, AlignmentPolicy::custom);
  EXPECT_EQ(options.allocator.custom_alignment_bytes, 512u);
  EXPECT_EQ(options.allocator.placement, Fit::best_fit);
  EXPECT_EQ(options.allocator.fallback, FallbackPolicy::forbid);
  EXPECT_EQ(options.allocator.growth_ratio, 0.5);
  EXPECT_EQ(options.allocator.keep_empty_blocks, 3u);
  EXPECT_FALSE(options.allocator.borrow);
}

TEST(CoreOptions, UnknownNamesAreRefusedWithASuggestion) {
  const std::string text = message_of([] { (void)core_options({{"placment", std::string("best_fit")}}); });
  EXPECT_NE(text.find("placement"), std::string::npos) << text;
}

TEST(CoreOptions, EachPartGetsItsOwn) {
  const CoreOptions options = core_options({{"arenas", std::uint64_t{3}},
                                            {"reuse", true},
                                            {"reuse_prewarm", true},
                                            {"pressure_at", 0.5},
                                            {"evict", std::string("never")},
                                            {"adaptive_shrink_frames", std::uint64_t{9}},
                                            {"tiers", true},
                                            {"tier_scan_frames", std::uint64_t{7}},
                                            {"auto_defragment", true},
                                            {"auto_defragment_frames", std::uint64_t{11}}});
  EXPECT_EQ(options.arenas, 3u);
  EXPECT_TRUE(options.reuses);
  EXPECT_TRUE(options.reuse.prewarm);
  EXPECT_EQ(options.pressure.pressure_at, 0.5);
  EXPECT_EQ(options.pressure.evict, EvictPolicy::never);
  EXPECT_EQ(options.adaptive.shrink_after_frames, 9u);
  EXPECT_TRUE(options.moves_tiers);
  EXPECT_EQ(options.tiers.scan_frames, 7u);
  EXPECT_TRUE(options.defragment.enabled);
  EXPECT_EQ(options.defragment.frames, 11u);
}

TEST(CoreOptions, AStagingRingHasNoSizeBetweenNothingAndItsLeast) {
  CoreOptions options;
  for (const Bytes bytes : {Bytes{0}, 64 * kKiB, kGiB, 2 * kGiB}) {  // what has no room is made smaller when it is used
    options.staging_ring_bytes = bytes;
    EXPECT_NO_THROW(check_options(options)) << bytes;
  }
  options.staging_ring_bytes = 64 * kKiB - 1;
  EXPECT_NE(message_of([&] { check_options(options); }).find("staging_ring_bytes of 65535 bytes is below"),
            std::string::npos);
}

TEST(CoreOptions, ContradictionsOfTheAllocatorAreRefusedToo) {
  CoreOptions options;
  options.allocator.small_limit_bytes = 2 * kMiB;
  EXPECT_NE(message_of([&] { check_options(options); }).find("small_limit_bytes"), std::string::npos);
}

}  // namespace
}  // namespace vkmembench
