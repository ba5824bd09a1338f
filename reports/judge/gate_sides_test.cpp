// What only one side of a gate has, and what the sides mean by it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "reports/judge/gate_fixture.h"
#include "reports/judge/gate_output.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// Changes of a report, each by name.
using Change = std::function<void(nlohmann::ordered_json&)>;
Change without(const std::string& id, std::size_t run = 0) {
  return [=](auto& json) {
    auto& metrics = json["runs"][run]["metrics"];
    for (std::size_t i = metrics.size(); i-- > 0;) {
      if (metrics[i]["id"] == id) metrics.erase(i);
    }
  };
}
Change null(const std::string& id) {
  return [=](auto& json) {
    metric_in(json, id)["value"] = nullptr;
    metric_in(json, id)["reason"] = "something was refused";
  };
}
Change valued(const std::string& id, const nlohmann::ordered_json& value) {
  return [=](auto& json) { metric_in(json, id)["value"] = value; };
}
Change repeated_twice(const Change& change_second) {
  return [=](auto& json) {
    nlohmann::ordered_json second = json;
    change_second(second);
    second["runs"][0]["repeat"] = 1;
    json["runs"].push_back(second["runs"][0]);
  };
}
Judged judge_two(const Change& base, const Change& candidate, const GatePolicy& policy) {
  return {changed("regression/before", base), changed("regression/before", candidate), policy};
}
const Change kAsItIs = [](auto&) {};

TEST(GateSides, WhatIsNullOnBothSidesIsNotMeasured) {
  const Change lose = null("mem.reserved_over_live_ratio");
  const Judged alone = judge_two(lose, lose, policy_of({rule_of("mem.reserved_over_live_ratio", "+0 | max 1.2")}));
  EXPECT_EQ(alone.verdict(), GateVerdict::not_comparable);
  EXPECT_EQ(alone.result.without_value, 1U);
  EXPECT_THAT(gate_sentence(alone.result, alone.policy), HasSubstr("nothing was measured"));
  EXPECT_EQ(judge_two(lose, lose, policy_of({rule_of("mem.*", "+0")})).verdict(), GateVerdict::passed) << "others are";
}

// A ratio over what was served says nothing beside one over everything, or over something else.
TEST(GateSides, ValuesThatLeaveOutDifferentRequestsAreNotCompared) {
  const auto noted = [](const char* note) -> Change {
    return [note](auto& json) { metric_in(json, "mem.reserved_over_live_ratio")["note"] = note; };
  };
  const GatePolicy policy = policy_of({rule_of("mem.reserved_over_live_ratio", "+0 | max 99")});
  const Judged one = judge_two(kAsItIs, noted("1 refused of 9 requests"), policy);
  ASSERT_NE(one.row("mem.reserved_over_live_ratio"), nullptr);
  EXPECT_EQ(one.row("mem.reserved_over_live_ratio")->state, GateState::missing);
  EXPECT_THAT(one.row("mem.reserved_over_live_ratio")->why, HasSubstr("base all; candidate 1 refused of 9"));
  const Judged other = judge_two(noted("2 refused of 9 requests"), noted("1 refused of 9 requests"), policy);
  EXPECT_EQ(other.row("mem.reserved_over_live_ratio")->state, GateState::missing);
  const Judged same = judge_two(noted("1 refused of 9 requests"), noted("1 refused of 9 requests"), policy);
  EXPECT_EQ(same.verdict(), GateVerdict::passed);
}

TEST(GateSides, HardLimitsNeedNoBase) {
  GatePolicy policy = policy_of({rule_of("leak.count", "max 0"), rule_of("mem.*", "+0")});
  const Change leaks = valued("leak.count", 5);
  for (const Reaction reaction : {Reaction::fail, Reaction::warn}) {
    policy.on_missing = reaction;
    for (const Change& base : {null("leak.count"), without("leak.count"), valued("leak.count", 9)}) {
      const Judged judged = judge_two(base, leaks, policy);
      EXPECT_EQ(judged.verdict(), GateVerdict::regressed);
      EXPECT_EQ(judged.row("leak.count")->state, GateState::regressed);
      EXPECT_EQ(judged.row("leak.count")->candidate, 5.0);
    }
    const auto renamed = [&](auto& json) {
      leaks(json);
      json["runs"][0]["strategy"]["name"] = "other";
    };
    EXPECT_EQ(judge_two(kAsItIs, renamed, policy).verdict(), GateVerdict::regressed);
    const auto elsewhere = [&](auto& json) {
      leaks(json);
      json["scenario"]["name"] = "other";
    };
    EXPECT_EQ(judge_two(kAsItIs, elsewhere, policy).verdict(), GateVerdict::regressed);
  }
  EXPECT_EQ(judge_two(null("leak.count"), kAsItIs, policy).verdict(), GateVerdict::passed) << "it holds without a base";
}

TEST(GateSides, HardLimitsHoldForEachRepeat) {
  const auto repeats = [](double second) {
    return repeated_twice([=](auto& json) { metric_in(json, "defrag.bytes_freed")["value"] = second; });
  };
  const auto bounded = [](const Change& change) {
    return [=](auto& json) {
      metric_in(json, "defrag.bytes_freed")["class"] = "bounded";
      change(json);
    };
  };
  const GatePolicy policy = policy_of({rule_of("defrag.bytes_freed", "max 100000000")});
  EXPECT_EQ(judge_two(bounded(kAsItIs), bounded(repeats(100000000)), policy).verdict(), GateVerdict::passed);
  EXPECT_EQ(judge_two(bounded(kAsItIs), bounded(repeats(100000001)), policy).verdict(), GateVerdict::regressed)
      << "the worst is the other one, for more is better";
}

struct LackingCase {
  const char* what;
  Change base, candidate;
  const char* why;
};
class GateLacking : public testing::TestWithParam<LackingCase> {};

TEST_P(GateLacking, IsDecidedByThePolicy) {
  GatePolicy policy = policy_of({rule_of("mem.*", "+0")});
  const Judged judged = judge_two(GetParam().base, GetParam().candidate, policy);
  EXPECT_EQ(judged.verdict(), GateVerdict::not_comparable);
  EXPECT_THAT(gate_sentence(judged.result, judged.policy), HasSubstr(GetParam().why));
  policy.on_missing = Reaction::warn;
  EXPECT_EQ(judge_two(GetParam().base, GetParam().candidate, policy).verdict(), GateVerdict::passed);
}

Change with_another_strategy() {
  return [](auto& json) {
    json["runs"].push_back(json["runs"][0]);
    json["runs"][1]["strategy"]["name"] = "other";
  };
}

INSTANTIATE_TEST_SUITE_P(
    All, GateLacking,
    testing::Values(
        LackingCase{"metric_of_the_base", without("mem.reserved_peak_bytes"), kAsItIs, "the base does not report it"},
        LackingCase{"metric_of_the_candidate", kAsItIs, without("mem.reserved_peak_bytes"),
                    "the candidate does not report it"},
        LackingCase{"value_of_the_base", null("mem.reserved_peak_bytes"), kAsItIs, "the base has no value"},
        LackingCase{"strategy_of_the_base", kAsItIs, with_another_strategy(), "the base has no run of this strategy"},
        LackingCase{"strategy_of_the_candidate", with_another_strategy(), kAsItIs,
                    "the candidate has no run of this strategy"},
        LackingCase{"metric_of_a_repeat", kAsItIs, repeated_twice(without("mem.reserved_peak_bytes")),
                    "only 1 of 2 runs of the candidate report it"},
        LackingCase{"metric_of_a_repeat_of_the_base", repeated_twice(without("mem.reserved_peak_bytes")), kAsItIs,
                    "only 1 of 2 runs of the base report it"}),
    [](const auto& row) { return row.param.what; });

TEST(GateSides, SidesThatDefineAMetricDifferentlyAreNotComparable) {
  for (const auto& [key, value] :
       {std::pair("better", "higher"), {"unit", "KiB"}, {"class", "noisy"}, {"class", "info"}}) {
    const Change define = [field = key, other = value](auto& json) {
      auto& metric = metric_in(json, "mem.reserved_peak_bytes");
      metric[field] = other;
      metric["value"] = 999999999;
    };
    for (const Change& candidate : {define, repeated_twice(define)}) {
      const Judged judged = judge_two(kAsItIs, candidate, policy_of({rule_of("mem.*", "+0")}));
      EXPECT_EQ(judged.verdict(), GateVerdict::not_comparable) << key;
      EXPECT_THAT(judged.row("mem.reserved_peak_bytes")->why, HasSubstr(value));
    }
  }
}

TEST(GateSides, WhereThingsWereNotComparedNoRuleIsBlamed) {
  const auto other_trace = [](auto& json) { json["scenario"]["trace_hash"] = "0000000000000001"; };
  const GatePolicy policy = policy_of({rule_of("mem.*", "+0"), rule_of("no.such", "+0")});
  EXPECT_THAT(judge_two(kAsItIs, other_trace, policy).result.warnings, IsEmpty());
  EXPECT_EQ(judge_two(kAsItIs, kAsItIs, policy).result.warnings.size(), 1U);
}

}  // namespace
}  // namespace vkmembench
