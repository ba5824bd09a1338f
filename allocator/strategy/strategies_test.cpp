#include "allocator/strategy/strategies.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>

#include "allocator/base/error.h"
#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/strategy_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

TEST(StrategyTable, BeginsWithNullAndHoldsTheFixedPresets) {
  const std::vector<std::string> names = preset_names();
  EXPECT_EQ(names.front(), "null");
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  for (const char* fixed : {"null", "dedicated", "vma", "vma-min-time", "vma-min-memory", "vma-blocks-64m",
                            "vma-blocks-16m", "core-default", "core-speed", "core-memory", "core-arenas"})
    EXPECT_NE(std::ranges::find(names, fixed), names.end()) << fixed;
}

class EveryPreset : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] const StrategyPreset& preset() const {
    return *std::ranges::find(strategy_presets(), GetParam(), &StrategyPreset::name);
  }
};
INSTANTIATE_TEST_SUITE_P(Table, EveryPreset, testing::ValuesIn(preset_names()),
                         [](const auto& row) { return test_name(row.param); });

TEST_P(EveryPreset, IsReadByItsName) {
  const StrategySpec spec = parse_strategy(GetParam());
  EXPECT_EQ(spec.name, GetParam());
  EXPECT_EQ(spec.preset, GetParam());
  EXPECT_EQ(spec.family, preset().family);
  EXPECT_EQ(spec.parameters, preset().parameters);
  EXPECT_FALSE(preset().description.empty());
  EXPECT_EQ(preset().description.find('\n'), std::string_view::npos);
}

TEST_P(EveryPreset, SetsParametersOfItsFamilyWithinTheirBounds) {
  for (const auto& [name, value] : preset().parameters) {
    const auto parameter = std::ranges::find(preset().family->parameters, name, &Parameter::name);
    ASSERT_NE(parameter, preset().family->parameters.end()) << name;
    EXPECT_NO_THROW(check_parameter(*parameter, value, name));
    EXPECT_NE(value, default_of(*parameter)) << name << " says what its family does anyway";
  }
}

TEST_P(EveryPreset, TakesEachParameterOfItsFamilyInBraces) {
  for (const Parameter& parameter : preset().family->parameters) {
    const std::string text =
        GetParam() + "{" + std::string(parameter.name) + "=" + to_text(default_of(parameter)) + "}";
    const StrategySpec spec = parse_strategy(text);
    EXPECT_EQ(spec.name, text);
    EXPECT_EQ(spec.preset, GetParam());
    const auto set = std::ranges::find(spec.parameters, parameter.name, &Parameters::value_type::first);
    ASSERT_NE(set, spec.parameters.end());
    EXPECT_EQ(set->second, default_of(parameter));
    EXPECT_FALSE(parameter.description.empty());
  }
}

TEST(ParseStrategy, AnOverrideReplacesThePresetsAndEmptyBracesChangeNothing) {
  EXPECT_TRUE(parse_strategy("vma{}").parameters.empty());
  const StrategySpec replaced = parse_strategy("vma-min-time{placement=min-memory}");
  ASSERT_EQ(replaced.parameters.size(), 1u);
  EXPECT_EQ(replaced.parameters.front().second, ParameterValue(std::string("min-memory")));
}

// The largest block that VMA takes on a heap of 4 GiB.
Bytes largest_block_of(std::string_view preset) {
  DeviceProfile profile = test_profile("unified");
  profile.memory.memoryHeaps[0].size = profile.budgets[0] = profile.max_memory_allocation_size = 4 * kGiB;
  const SimulatedFixture sim(profile);
  const std::unique_ptr<Strategy> strategy = parse_strategy(preset).make(sim.d);
  std::vector<Allocation> made;
  Bytes reserved = 0;
  Bytes largest = 0;
  while (made.size() < 300) {
    const Expected<Allocation> buffer = strategy->create_buffer(buffer_request(kMiB));
    if (!buffer) break;
    made.push_back(*buffer);
    Bytes now = 0;
    for (const PoolStatistics& pool : strategy->pools()) now += pool.block_bytes;
    largest = std::max(largest, now - std::exchange(reserved, now));
  }
  for (const Allocation& buffer : made) strategy->destroy(buffer, 0);
  return largest;
}

TEST(VmaPresets, TakeBlocksOfTheirSize) {
  EXPECT_EQ(largest_block_of("vma"), 256 * kMiB);
  EXPECT_EQ(largest_block_of("vma-blocks-64m"), 64 * kMiB);
  EXPECT_EQ(largest_block_of("vma-blocks-16m"), 16 * kMiB);
}

struct Bad {
  std::string text;
  std::string says;
};
class BadStrategy : public testing::TestWithParam<Bad> {};
INSTANTIATE_TEST_SUITE_P(
    Table, BadStrategy,
    testing::Values(Bad{"", "there are null, dedicated"}, Bad{"vna", "did you mean 'vma'"}, Bad{"VMA", "no strategy"},
                    Bad{"vma{", "no closing"}, Bad{"vma{placement=min-time", "no closing"},
                    Bad{"vma{placement}", "not KEY=VALUE"}, Bad{"vma{placment=min-time}", "did you mean 'placement'"},
                    Bad{"vma{placement=fast}", "placement"}, Bad{"vma{=1}", "no parameter"},
                    Bad{"null{a=1}", "there are none"}, Bad{"{a=1}", "no strategy"},
                    Bad{"vma{within_budget=true,within_budget=false}", "'within_budget' is there twice"},
                    Bad{"core-default{min_block_bytes=1GiB,max_block_bytes=4KiB}",
                        "min_block_bytes is above max_block_bytes"},
                    Bad{"vma{preferred_block_bytes=1TiB}", "preferred_block_bytes"},
                    Bad{"vma{placement=min-time}x", "no closing"}));
TEST_P(BadStrategy, IsRefusedInOneLine) {
  try {
    (void)parse_strategy(GetParam().text);
    FAIL() << "accepted '" << GetParam().text << "'";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find(GetParam().says), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
  }
}

TEST(StrategyWith, ChecksTypedOverrides) {
  EXPECT_THROW((void)strategy_with("vma", "mine", {{"placement", true}}), Error);
  EXPECT_THROW((void)strategy_with("vma", "mine", {{"nothing", true}}), Error);
  EXPECT_THROW((void)strategy_with("nothing", "mine", {}), Error);
  const StrategySpec spec = strategy_with("vma", "mine", {{"within_budget", true}});
  EXPECT_EQ(spec.name, "mine");
  EXPECT_EQ(spec.preset, "vma");
}

}  // namespace
}  // namespace vkmembench
