#include "reports/judge/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "reports/judge/gate_fixture.h"
#include "reports/judge/gate_output.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Judged judge(const GatePolicy& policy) { return {sample("regression/before"), sample("regression/after"), policy}; }

template <typename Change>
Judged judge_changed(Change change, const GatePolicy& policy = policy_of({rule_of("mem.*", "+0")})) {
  return {sample("regression/before"), changed("regression/before", change), policy};
}

TEST(Gate, TheSameReportPasses) {
  const Judged judged = judge_changed([](auto&) {});
  EXPECT_EQ(judged.verdict(), GateVerdict::passed);
  EXPECT_GT(judged.result.count(GateState::same), 5U);
  EXPECT_GT(judged.result.not_gated, 20U);
}

TEST(Gate, MoreBytesRegressAndTheWorstComesLast) {
  const Judged judged = judge(policy_of({rule_of("mem.*", "+0"), rule_of("block.*", "+0")}));
  EXPECT_EQ(judged.verdict(), GateVerdict::regressed);
  ASSERT_NE(judged.row("mem.reserved_peak_bytes"), nullptr);
  EXPECT_EQ(judged.row("mem.reserved_peak_bytes")->state, GateState::regressed);
  EXPECT_EQ(judged.row("mem.reserved_peak_bytes")->base, 442680688.0);
  EXPECT_EQ(judged.row("mem.reserved_peak_bytes")->candidate, 599817824.0);
  EXPECT_EQ(judged.row("block.count_peak")->state, GateState::improved);
  EXPECT_EQ(judged.row("mem.required_peak_bytes")->state, GateState::same);
  EXPECT_EQ(judged.result.rows.back().metric, "mem.reserved_end_bytes") << "3.8 MB became 133 MB";
  EXPECT_EQ(judged.row("mem.stranded_bytes.worst"), nullptr) << "a rule without a stat matches headlines only";
}

TEST(Gate, ADifferenceOfOneByteRegresses) {
  const Judged judged =
      judge_changed([](auto& json) { metric_in(json, "mem.reserved_peak_bytes")["value"] = 442680689; });
  EXPECT_EQ(judged.verdict(), GateVerdict::regressed);
  const std::string text = gate_text(judged.result, judged.policy, "again");
  EXPECT_THAT(text, HasSubstr("442680688"));
  EXPECT_THAT(text, HasSubstr("442680689"));
}

TEST(Gate, OfLargeIntegersTheLastDigitCounts) {
  const std::uint64_t large = (std::uint64_t{1} << 60) + 1;
  const auto set = [](std::uint64_t value) {
    return [value](auto& json) { metric_in(json, "mem.waste_byte_frames")["value"] = value; };
  };
  const GatePolicy policy = policy_of({rule_of("mem.waste_byte_frames", "+0")});
  EXPECT_EQ(
      Judged(changed("regression/before", set(large)), changed("regression/before", set(large + 1)), policy).verdict(),
      GateVerdict::regressed);
}

struct LimitCase {
  const char* limit;
  double base, candidate;
  bool holds;
};
class GateLimit : public testing::TestWithParam<LimitCase> {};

TEST_P(GateLimit, HoldsOrNot) {
  const LimitCase& one = GetParam();
  const auto set = [](double value) {
    return [value](auto& json) { metric_in(json, "frag.external_ratio")["value"] = value; };
  };
  const Judged judged(changed("regression/before", set(one.base)), changed("regression/before", set(one.candidate)),
                      policy_of({rule_of("frag.external_ratio", one.limit)}));
  EXPECT_EQ(judged.verdict(), one.holds ? GateVerdict::passed : GateVerdict::regressed)
      << one.limit << " " << one.base << " " << one.candidate;
}

INSTANTIATE_TEST_SUITE_P(All, GateLimit,
                         testing::Values(LimitCase{"+0", 0.5, 0.5, true}, LimitCase{"+0", 0.5, 0.4, true},
                                         LimitCase{"+0", 0.5, 0.5000001, false}, LimitCase{"+0.01", 0.35, 0.36, true},
                                         LimitCase{"+0.01", 0.35, 0.3601, false}, LimitCase{"5%", 1.0, 1.05, true},
                                         LimitCase{"+5%", 1.0, 1.051, false}, LimitCase{"max 0.35", 0.9, 0.35, true},
                                         LimitCase{"max 0.35", 0.9, 0.36, false}, LimitCase{"min 0.2", 0.1, 0.2, true},
                                         LimitCase{"min 0.2", 0.3, 0.1, false},
                                         LimitCase{"+0.01 | max 0.35", 0.345, 0.354, false},
                                         LimitCase{"+0.01 | max 0.35", 0.30, 0.32, false},
                                         LimitCase{"+0.01 | max 0.35", 0.345, 0.349, true}));

TEST(Gate, WhereHigherIsBetterLessIsWorse) {
  const auto set = [](double value) {
    return [value](auto& json) { metric_in(json, "defrag.bytes_freed")["value"] = value; };
  };
  const GatePolicy policy = policy_of({rule_of("defrag.bytes_freed", "+10")});
  EXPECT_EQ(judge_changed(set(91095040 - 10), policy).verdict(), GateVerdict::passed);
  EXPECT_EQ(judge_changed(set(91095040 - 11), policy).verdict(), GateVerdict::regressed);
  EXPECT_EQ(judge_changed(set(91095041), policy).row("defrag.bytes_freed")->state, GateState::improved);
}

TEST(Gate, WhatIsNeitherBetterNorWorseOnlyChanges) {
  const Judged judged = judge(policy_of({rule_of("defrag.moves_count", "+0")}));
  EXPECT_EQ(judged.row("defrag.moves_count")->state, GateState::changed);
  EXPECT_EQ(judged.verdict(), GateVerdict::passed);
}

TEST(Gate, FirstMatchWins) {
  EXPECT_EQ(judge(policy_of({rule_of("mem.reserved_*", "ignore"), rule_of("mem.*", "1000%")})).verdict(),
            GateVerdict::regressed)
      << "mem.retention_ratio grew 26 times";
  const Judged judged = judge(policy_of({rule_of("*", "ignore"), rule_of("mem.*", "+0")}));
  EXPECT_THAT(judged.result.rows, IsEmpty());
  EXPECT_EQ(judged.verdict(), GateVerdict::not_comparable) << "nothing measured is never green";
  ASSERT_EQ(judged.result.warnings.size(), 1U);
  EXPECT_THAT(judged.result.warnings[0], HasSubstr("/rules/1"));
}

TEST(Gate, RulesThatMatchNothingFail) {
  try {
    judge(policy_of({rule_of("memory.*", "+0")}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_comparable);
    EXPECT_THAT(error.what(), HasSubstr("policy.json"));
  }
}

struct InputCase {
  const char* what;
  void (*change)(nlohmann::ordered_json&);
  const char* why;
};
class GateInput : public testing::TestWithParam<InputCase> {};

TEST_P(GateInput, IsNotComparableAndNeverRegressed) {
  const Judged judged = judge_changed([](auto& json) {
    GetParam().change(json);
    if (!json["runs"].empty()) metric_in(json, "mem.reserved_peak_bytes")["value"] = 999999999;
  });
  EXPECT_EQ(judged.verdict(), GateVerdict::not_comparable);
  EXPECT_EQ(judged.result.count(GateState::regressed), 0U);
  EXPECT_THAT(gate_sentence(judged.result, judged.policy),
              testing::AllOf(HasSubstr(GetParam().why), testing::Not(HasSubstr(" :"))));
}

INSTANTIATE_TEST_SUITE_P(
    All, GateInput,
    testing::Values(
        InputCase{"trace", [](auto& json) { json["scenario"]["trace_hash"] = "0000000000000001"; }, "traces differ"},
        InputCase{"requirements", [](auto& json) { json["device"]["requirements_hash"] = "0000000000000001"; },
                  "answers otherwise"},
        InputCase{"clock", [](auto& json) { json["runs"][0]["clock"] = "wall"; }, "clocks differ"},
        InputCase{"replay", [](auto& json) { json["runs"][0]["replay"] = "concurrent"; }, "replays differ"},
        InputCase{"incomplete", [](auto& json) { json["status"] = "incomplete"; }, "incomplete"},
        InputCase{"interrupted", [](auto& json) { json["status"] = "interrupted"; }, "interrupted"},
        InputCase{"run", [](auto& json) { json["runs"][0]["status"] = "timeout"; }, "timeout"},
        InputCase{"checks", [](auto& json) { add_violations(json, 2); }, "failed 2 checks"},
        InputCase{"none", [](auto& json) { json["runs"] = nlohmann::ordered_json::array(); }, "no run"},
        InputCase{"block", [](auto& json) { json["device"]["heaps"][0]["size_bytes"] = 536870912; }, "heaps"},
        InputCase{"scenario", [](auto& json) { json["scenario"]["name"] = "other"; }, "no such report"},
        InputCase{"strategy", [](auto& json) { json["runs"][0]["strategy"]["name"] = "other"; }, "no run of this"}),
    [](const auto& row) { return row.param.what; });

TEST(Gate, LargerHeapsMatterOnlyWhereTheyHadASay) {
  const auto grow = [](auto& json) { json["device"]["heaps"][0]["size_bytes"] = 17179869184; };
  EXPECT_EQ(judge_changed(grow).verdict(), GateVerdict::passed);
  const auto meet = [&](auto& json) {
    grow(json);
    metric_in(json, "fallback.count")["value"] = 1;
  };
  EXPECT_EQ(judge_changed(meet).verdict(), GateVerdict::not_comparable);
}

TEST(Gate, RepeatsThatDifferInAnExactMetricProveNothing) {
  const Judged judged = judge_changed([](auto& json) {
    json["runs"].push_back(json["runs"][0]);
    json["runs"][1]["repeat"] = 1;
    metric_in(json, "mem.reserved_peak_bytes", 1)["value"] = 442680689;
  });
  EXPECT_EQ(judged.row("mem.reserved_peak_bytes")->state, GateState::not_comparable);
  EXPECT_EQ(judged.verdict(), GateVerdict::not_comparable);
}

TEST(Gate, OfBoundedMetricsTheWorstRepeatCounts) {
  const auto repeats = [](double last) {
    return [last](auto& json) {
      json["runs"].push_back(json["runs"][0]);
      json["runs"].push_back(json["runs"][0]);
      for (std::size_t i = 0; i < 3; ++i) {
        json["runs"][i]["repeat"] = i;
        auto& metric = metric_in(json, "block.count_peak", i);
        metric["class"] = "bounded";
        metric["value"] = i == 2 ? last : 50.0;
      }
    };
  };
  const GatePolicy policy = policy_of({rule_of("block.count_peak", "10%")});
  EXPECT_EQ(
      Judged(changed("regression/before", repeats(50)), changed("regression/before", repeats(55)), policy).verdict(),
      GateVerdict::passed);
  EXPECT_EQ(
      Judged(changed("regression/before", repeats(50)), changed("regression/before", repeats(56)), policy).verdict(),
      GateVerdict::regressed);
}

TEST(Gate, AMetricThatIsLostIsMissing) {
  const auto lose = [](auto& json) {
    auto& metric = metric_in(json, "mem.reserved_over_live_ratio");
    metric["value"] = nullptr;
    metric["reason"] = "something was refused";
  };
  GatePolicy policy = policy_of({rule_of("mem.*", "+0")});
  const Judged judged = judge_changed(lose, policy);
  EXPECT_EQ(judged.verdict(), GateVerdict::not_comparable);
  EXPECT_THAT(judged.row("mem.reserved_over_live_ratio")->why, HasSubstr("something was refused"));
  policy.on_missing = Reaction::warn;
  EXPECT_EQ(judge_changed(lose, policy).verdict(), GateVerdict::passed);
}

TEST(Gate, NoisyMetricsAreLeftToAb) {
  const Judged judged(sample("history/01"), sample("history/02"),
                      policy_of({rule_of("time.*.p50", "+0"), rule_of("leak.count", "+0")}));
  EXPECT_GT(judged.result.noisy, 0U);
  EXPECT_EQ(judged.verdict(), GateVerdict::passed);
  EXPECT_EQ(judged.result.rows.size(), 1U);
}

TEST(Gate, TwoReportsOfOnePlaceAreRefused) {
  const std::vector<StoredReport> twice = {sample("history/01"), sample("history/02")};
  EXPECT_THROW(static_cast<void>(gate(twice, twice, policy_of({rule_of("mem.*", "+0")}))), Error);
}

TEST(GateOutput, JUnitEscapesAndCountsEachStrategy) {
  const Judged judged(changed("regression/before", [](auto& json) { json["runs"][0]["strategy"]["name"] = "<a&\"b>"; }),
                      changed("regression/after", [](auto& json) { json["runs"][0]["strategy"]["name"] = "<a&\"b>"; }),
                      policy_of({rule_of("mem.*", "+0")}));
  const std::string text = gate_junit(judged.result, judged.policy);
  EXPECT_THAT(text, HasSubstr("name=\"&lt;a&amp;&quot;b&gt;\""));
  EXPECT_THAT(text, HasSubstr("tests=\"1\" failures=\"1\" errors=\"0\""));
  EXPECT_THAT(text, HasSubstr("mem.reserved_peak_bytes: 422 MiB -&gt; 572 MiB, regressed: limit +0"));
}

// What a name may hold to become more than a name, in each place where it is shown.
TEST(GateOutput, NamesStayNames) {
  const std::string hostile = "s\n::error title=x::pwned\x1b[2J\uffff```";
  const auto name = [&](auto& json) { json["scenario"]["name"] = json["runs"][0]["strategy"]["name"] = hostile; };
  const Judged judged(changed("regression/before", name), changed("regression/after", name),
                      policy_of({rule_of("mem.*", "+0")}));
  std::string all = gate_text(judged.result, judged.policy, "again") +
                    gate_markdown(judged.result, judged.policy, "again") + gate_junit(judged.result, judged.policy);
  for (const std::string& line : gate_annotations(judged.result, judged.policy)) {
    EXPECT_EQ(line.find('\n'), std::string::npos);
    all += line;
  }
  EXPECT_THAT(all, HasSubstr("pwned"));
  for (const char* part : {"\n::error title=x", "\x1b", "\uffff"}) EXPECT_THAT(all, Not(HasSubstr(part)));
}

TEST(GateOutput, AtMostTenAnnotationsTheWorstFirst) {
  const Judged judged = judge(policy_of({rule_of("*", "+0")}));
  ASSERT_GT(judged.result.count(GateState::regressed), 10U);
  const std::vector<std::string> lines = gate_annotations(judged.result, judged.policy);
  ASSERT_EQ(lines.size(), 10U);
  for (const std::string& line : lines) EXPECT_THAT(line, HasSubstr("::error title=vkmembench gate::"));
  EXPECT_THAT(lines.front(), HasSubstr(judged.result.rows.back().metric));
}

TEST(GateOutput, MarkdownAndTextSayTheSameAndTheCommand) {
  const Judged judged = judge(policy_of({rule_of("mem.reserved_peak_bytes", "+0")}));
  for (const std::string& text : {gate_markdown(judged.result, judged.policy, "vkmembench gate a b"),
                                  gate_text(judged.result, judged.policy, "vkmembench gate a b")}) {
    EXPECT_THAT(text, HasSubstr("35.5 %"));
    EXPECT_THAT(text, HasSubstr("vkmembench gate a b"));
    EXPECT_THAT(text, Not(HasSubstr("required")));
  }
}

TEST(GatePolicy, LimitsThatAreNone) {
  for (const char* text : {"", "0", "+", "+x", "-1", "+-1", "max", "max x", "+1 |", "| +1", "+1 & max 2", "+nan",
                           "5 %%", "+1e999", "maximum 5"})
    EXPECT_THROW(static_cast<void>(parse_limit(text)), Error) << text;
  for (const char* text : {"", "5", "%", "0%", "100%", "-1%", "x%"})
    EXPECT_THROW(static_cast<void>(parse_share(text)), Error) << text;
  EXPECT_DOUBLE_EQ(parse_share("5%"), 0.05);
}

TEST(GatePolicy, MetricsMatchByHeadAndStat) {
  const auto matching = [](const char* pattern, const char* metric) {
    return matches(rule_of(pattern, "+0"), {"churn", "stress/churn", "GPU", "vma", metric});
  };
  EXPECT_TRUE(matching("mem.*", "mem.reserved_peak_bytes"));
  EXPECT_FALSE(matching("mem.*", "mem.stranded_bytes.worst"));
  EXPECT_TRUE(matching("mem.*.worst", "mem.stranded_bytes.worst"));
  EXPECT_TRUE(matching("*", "mem.stranded_bytes.worst"));
  EXPECT_FALSE(matching("time.*.p50", "time.destroy_ns.p99"));
  GateRule rule = rule_of("*", "ignore");
  rule.scenario = "stress/*";
  EXPECT_TRUE(matches(rule, {"churn", "stress/churn", "GPU", "vma", "x.y"}));
  EXPECT_FALSE(matches(rule, {"churn", "churn", "GPU", "vma", "x.y"}));
}

}  // namespace
}  // namespace vkmembench
