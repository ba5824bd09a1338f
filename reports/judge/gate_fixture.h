#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "reports/judge/gate.h"
#include "reports/testing/report_fixture.h"

namespace vkmembench {

inline GateRule rule_of(const std::string& metric, const std::string& limit) {
  GateRule rule;
  rule.metric = metric;
  rule.limit = limit;
  rule.ignore = limit == "ignore";
  if (!rule.ignore) rule.terms = parse_limit(limit);
  return rule;
}

inline GatePolicy policy_of(std::vector<GateRule> rules) {
  GatePolicy policy;
  policy.file = "policy.json";
  policy.rules = std::move(rules);
  return policy;
}

// A base and a candidate, and what the gate says of them; the reports live as long.
struct Judged {
  Judged(StoredReport base_report, StoredReport candidate_report, GatePolicy with)
      : policy(std::move(with)),
        base{std::move(base_report)},
        candidate{std::move(candidate_report)},
        result(gate(base, candidate, policy)) {}
  const GateRow* row(const std::string& metric) const {
    const auto found = std::ranges::find(result.rows, metric, &GateRow::metric);
    return found == result.rows.end() ? nullptr : &*found;
  }
  GateVerdict verdict() const { return result.verdict(policy); }
  GatePolicy policy;
  std::vector<StoredReport> base, candidate;
  GateResult result;
};

}  // namespace vkmembench
