#include <fmt/format.h>

#include <algorithm>

#include "allocator/base/error.h"
#include "bench/ab/ab.h"
#include "reports/model/metric_table.h"

namespace vkmembench {
namespace {

bool is_of_counts(const GateRule& rule) {
  return std::ranges::any_of(metric_table(), [&](const MetricInfo& metric) {
    return counts_instructions(metric.id) && matches_metric(rule.metric, metric.id);
  });
}

// The rules that say something of counts and of nothing else: the other metrics are the business of `gate`.
GatePolicy policy_of_counts(const GatePolicy& policy) {
  GatePolicy counts = policy;
  for (const GateRule& rule : policy.rules)
    if (rule.margin && counts_instructions(rule.metric))
      throw Error(
          fmt::format("{}: {} takes a limit, such as \"+0.1%\"; min_effect is for times", policy.file, rule.metric));
  std::erase_if(counts.rules, [](const GateRule& rule) {
    return rule.margin || !counts_instructions(rule.metric) || !is_of_counts(rule);
  });
  if (counts.rules.empty()) {
    GateRule& rule = counts.rules.emplace_back();
    rule.metric = "instr.*";
    rule.limit = "+0.1%";
    rule.terms = parse_limit(rule.limit);
  }
  return counts;
}

}  // namespace

std::unique_ptr<AbCounts> count_ab(const AbPlan& plan, const MeasureArm& measure) {
  auto counts = std::make_unique<AbCounts>();
  counts->policy = policy_of_counts(plan.policy);
  counts->base.push_back(measure(plan.base, 1));
  counts->candidate.push_back(measure(plan.candidate, 1));
  counts->result = gate(counts->base, counts->candidate, counts->policy);
  if (!plan.policy.file.empty() && std::ranges::none_of(plan.policy.rules, is_of_counts))
    counts->result.warnings.push_back(
        fmt::format("{}: no rule of instr.*, so that +0.1% is the limit", plan.policy.file));
  return counts;
}

}  // namespace vkmembench
