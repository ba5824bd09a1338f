#include "reports/judge/gate_policy_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "allocator/base/error.h"
#include "allocator/testing/temporary_folder_fixture.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

GatePolicy read(const std::string& json) {
  const TemporaryFolder folder;
  return read_gate_policy(folder.write("policy.json", json));
}

std::string refusal_of(const std::string& json) {
  try {
    read(json);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    return error.what();
  }
  ADD_FAILURE() << "was taken: " << json;
  return {};
}

std::string with_rule(const std::string& rule) { return R"({"schema": "vkmembench.gate/1", "rules": [)" + rule + "]}"; }

TEST(GatePolicyReader, ReadsEveryKey) {
  const GatePolicy policy = read(R"({"schema": "vkmembench.gate/1", "rules": [
    {"scenario": "stress/*", "device": "A*", "strategy": "vma*", "metric": "*", "limit": "ignore"},
    {"metric": "frag.external_ratio", "limit": "+0.01 | max 0.35"},
    {"metric": "time.create_buffer_ns.p50", "min_effect": "7%", "pairs": [12, 24]}],
    "on_inconclusive": "fail", "on_missing": "warn", "on_improved_exact": "ignore"})");
  ASSERT_EQ(policy.rules.size(), 3U);
  EXPECT_TRUE(policy.rules[0].ignore);
  EXPECT_EQ(policy.rules[0].scenario, "stress/*");
  EXPECT_EQ(policy.rules[0].device, "A*");
  EXPECT_EQ(policy.rules[0].strategy, "vma*");
  ASSERT_EQ(policy.rules[1].terms.size(), 2U);
  EXPECT_EQ(policy.rules[1].terms[1].kind, LimitTerm::Kind::most);
  EXPECT_DOUBLE_EQ(policy.rules[1].terms[1].value, 0.35);
  EXPECT_DOUBLE_EQ(policy.rules[2].margin.value(), 0.07);
  EXPECT_EQ(policy.rules[2].looks, (std::vector<std::size_t>{12, 24}));
  EXPECT_EQ(policy.on_inconclusive, Reaction::fail);
  EXPECT_EQ(policy.on_missing, Reaction::warn);
  EXPECT_EQ(policy.on_improved_exact, Reaction::ignore);
}

TEST(GatePolicyReader, SaysWhereAndWhatIsWrong) {
  EXPECT_THAT(refusal_of("{"), HasSubstr("policy.json:1:"));
  EXPECT_THAT(refusal_of("[]"), HasSubstr("schema gate"));
  EXPECT_THAT(refusal_of(R"({"schema": "vkmembench.gate/2", "rules": []})"), HasSubstr("version"));
  EXPECT_THAT(refusal_of(R"({"schema": "vkmembench.gate/1", "rules": []})"), HasSubstr("empty"));
  EXPECT_THAT(refusal_of(R"({"schema": "vkmembench.gate/1", "ruels": []})"), HasSubstr("did you mean 'rules'"));
  EXPECT_THAT(refusal_of(with_rule(R"({"metrics": "mem.*", "limit": "+0"})")), HasSubstr("/rules/0"));
  EXPECT_THAT(refusal_of(with_rule(R"({"metric": "mem.*"})")), HasSubstr("min_effect"));
  EXPECT_THAT(refusal_of(with_rule(R"({"metric": "mem.*", "limit": "+0", "min_effect": "5%"})")), HasSubstr("either"));
  EXPECT_THAT(refusal_of(with_rule(R"({"metric": "mem.*", "limit": "0"})")), HasSubstr("/rules/0/limit"));
  EXPECT_THAT(refusal_of(with_rule(R"({"metric": "mem.*", "limit": "+0", "pairs": [12]})")), HasSubstr("pairs"));
  EXPECT_THAT(refusal_of(with_rule(R"({"metric": "x", "min_effect": "5%", "pairs": [20, 12]})")), HasSubstr("look"));
  EXPECT_THAT(refusal_of(with_rule(R"({"metric": "x", "min_effect": "5%", "pairs": []})")), HasSubstr("empty"));
  EXPECT_THAT(refusal_of(with_rule(R"({"metric": "x", "min_effect": 5})")), HasSubstr("/rules/0/min_effect"));
  EXPECT_THAT(refusal_of(R"({"schema": "vkmembench.gate/1", "rules": [{"metric": "x", "limit": "+0"}],
                             "on_missing": "wran"})"),
              HasSubstr("did you mean 'warn'"));
}

}  // namespace
}  // namespace vkmembench
