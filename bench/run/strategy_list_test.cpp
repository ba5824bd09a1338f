#include "bench/run/strategy_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/base/error.h"
#include "scenarios/random/random_trace_test.h"

namespace vkmembench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> names_of(std::string_view list) {
  std::vector<std::string> names;
  for (const StrategySpec& spec : parse_strategies(list)) names.push_back(spec.name);
  return names;
}

TEST(ParseStrategies, AllIsTheTableInItsOrder) {
  std::vector<std::string> expected;
  for (const StrategyPreset& preset : strategy_presets()) expected.emplace_back(preset.name);
  EXPECT_EQ(names_of("all"), expected);
}

TEST(ParseStrategies, CommasWithinBracesBelongToTheOverrides) {
  EXPECT_THAT(names_of("null"), ElementsAre("null"));
  EXPECT_THAT(names_of("vma,null"), ElementsAre("vma", "null"));
  EXPECT_THAT(names_of("vma{placement=min-time,within_budget=true},vma,core-default{}"),
              ElementsAre("vma{placement=min-time,within_budget=true}", "vma", "core-default{}"));
}

struct Bad {
  const char* list;
  const char* says;
};
class BadList : public testing::TestWithParam<Bad> {};
INSTANTIATE_TEST_SUITE_P(Table, BadList,
                         testing::Values(Bad{"", "empty name"}, Bad{",", "empty name"}, Bad{"vma,", "empty name"},
                                         Bad{"vma,,null", "empty name"}, Bad{"vma,vma", "named twice"},
                                         Bad{"vma,null,vma", "named twice"}, Bad{"all,vma", "all stands alone"},
                                         Bad{"vna", "did you mean 'vma'"}, Bad{"vma{a=1", "no closing"},
                                         Bad{"nowhere.json", "nowhere.json"}));
TEST_P(BadList, IsRefusedInOneLine) {
  EXPECT_THAT(error_of([] { (void)parse_strategies(GetParam().list); }), HasSubstr(GetParam().says));
}

class EveryPresetFile : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryPresetFile, testing::ValuesIn([] {
                           std::vector<std::string> names;
                           for (const StrategyPreset& preset : strategy_presets()) names.emplace_back(preset.name);
                           return names;
                         }()),
                         [](const auto& row) {
                           std::string name = row.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });
// What `list strategies` prints of a preset is a file that means it.
TEST_P(EveryPresetFile, MeansThePreset) {
  const TemporaryFolder folder;
  const auto preset = std::ranges::find(strategy_presets(), GetParam(), &StrategyPreset::name);
  const nlohmann::ordered_json json = strategy_json(*preset);
  EXPECT_EQ(json["parameters"].size(), preset->family->parameters.size());
  const StrategySpec spec = load_strategy_file(folder.write("x.json", json.dump()));
  EXPECT_EQ(spec.name, GetParam());
  EXPECT_EQ(spec.family, preset->family);
  const auto value_in = [&](const Parameters& parameters, const Parameter& parameter) {
    for (const auto& [name, value] : parameters) {
      if (name == parameter.name) return value;
    }
    return default_of(parameter);
  };
  for (const Parameter& parameter : preset->family->parameters)
    EXPECT_EQ(value_in(spec.parameters, parameter), value_in(preset->parameters, parameter)) << parameter.name;
}

TEST(StrategyFile, IsNamedByItselfOrItsFile) {
  const TemporaryFolder folder;
  const auto named = folder.write("a.json", R"({"preset": "vma", "name": "mine"})");
  const auto unnamed = folder.write("b.json", R"({"preset": "vma", "parameters": {"preferred_block_bytes": "64MiB"}})");
  EXPECT_EQ(load_strategy_file(named).name, "mine");
  const StrategySpec spec = load_strategy_file(unnamed);
  EXPECT_EQ(spec.name, "b");
  ASSERT_EQ(spec.parameters.size(), 1u);
  EXPECT_EQ(spec.parameters.front().second, ParameterValue(std::uint64_t{64 * kMiB}));
  const auto like_its_preset = folder.write("c.json", R"({"preset": "core-default", "name": "core-default"})");
  EXPECT_EQ(load_strategy_file(like_its_preset).name, "core-default");
  const auto null = folder.write("null.json", R"({"preset": "vma"})");
  EXPECT_THAT(error_of([&] { (void)load_strategy_file(null); }), HasSubstr("another built-in strategy"));
  EXPECT_THAT(names_of(named.string() + ",vma," + unnamed.string()), ElementsAre("mine", "vma", "b"));
}

class BadFile : public testing::TestWithParam<Bad> {};
INSTANTIATE_TEST_SUITE_P(
    Table, BadFile,
    testing::Values(
        Bad{"", "x.json"}, Bad{"[]", "x.json"}, Bad{"{}", "preset"}, Bad{R"({"preset": 1})", "/preset"},
        Bad{R"({"preset": "vna"})", "did you mean 'vma'"},
        Bad{R"({"preset": "vma", "nmae": "x"})", "did you mean 'name'"},
        Bad{R"({"preset": "vma", "parameters": {"placment": "min-time"}})", "did you mean 'placement'"},
        Bad{R"({"preset": "vma", "parameters": {"placement": 1}})", "/parameters/placement"},
        Bad{R"({"preset": "vma", "parameters": {"placement": "fast"}})", "placement"},
        Bad{R"({"preset": "vma", "parameters": {"within_budget": "true"}})", "/parameters/within_budget"},
        Bad{R"({"preset": "vma", "parameters": {"preferred_block_bytes": -1}})", "/parameters/preferred_block_bytes"},
        Bad{R"({"preset": "vma", "parameters": {"preferred_block_bytes": 1.5}})", "/parameters/preferred_block_bytes"},
        Bad{R"({"preset": "core-default", "parameters": {"min_block_bytes": 1073741824, "max_block_bytes": 4096}})",
            "x.json:1: /parameters: core: min_block_bytes is above max_block_bytes"},
        Bad{R"({"preset": "vma", "name": ""})", "/name"}, Bad{R"({"preset": "vma", "name": "a\u001bb"})", "/name"},
        Bad{R"({"preset": "vma", "name": "a\u007fb"})", "/name"},
        Bad{R"({"preset": "vma", "name": "null"})", "/name: 'null' is another built-in strategy"}));
TEST_P(BadFile, IsRefusedWithItsPlace) {
  const TemporaryFolder folder;
  const auto file = folder.write("x.json", GetParam().list);
  EXPECT_THAT(error_of([&] { (void)load_strategy_file(file); }), HasSubstr(GetParam().says));
}

}  // namespace
}  // namespace vkmembench
