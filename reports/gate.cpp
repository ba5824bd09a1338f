#include "reports/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "reports/units.h"

namespace vkmembench {
namespace {

using Place = std::pair<std::string, std::string>;  // scenario, device

std::map<Place, const StoredReport*> by_place(const std::vector<StoredReport>& reports) {
  std::map<Place, const StoredReport*> places;
  for (const StoredReport& report : reports) {
    const auto [entry, is_new] = places.try_emplace({report.head.scenario.name, report.head.device.name}, &report);
    if (!is_new)
      throw Error(fmt::format("{} and {}: both are of {} on {}; keep one of them in the folder", entry->second->file,
                              report.file, report.head.scenario.name, report.head.device.name));
  }
  return places;
}

// The runs of each strategy, in the report's order.
using Runs = std::vector<std::pair<std::string, std::vector<const StoredRun*>>>;
Runs by_strategy(const StoredReport& report) {
  Runs runs;
  for (const StoredRun& run : report.runs) {
    auto found = std::ranges::find(runs, run.strategy, &Runs::value_type::first);
    if (found == runs.end()) found = runs.insert(runs.end(), {run.strategy, {}});
    found->second.push_back(&run);
  }
  return runs;
}

// A metric over the repeats of a run.
struct Repeated {
  const StoredMetric* metric = nullptr;  // of the first repeat that has it
  std::optional<double> worst;           // nullopt when it is null in one of them
  std::size_t runs = 0;
  bool differs = false;
};

Repeated repeated(const std::vector<const StoredRun*>& runs, const std::string& id, const std::string& scope) {
  Repeated found;
  for (const StoredRun* run : runs) {
    const StoredMetric* metric = run->metric(id, scope);
    if (metric == nullptr) continue;
    const std::optional<double> value = as_number(metric->value);
    if (found.runs++ == 0) {
      found.metric = metric;
      found.worst = value;
      continue;
    }
    found.differs |= metric->value.value != found.metric->value.value;
    if (!value || !found.worst)
      found.worst = std::nullopt;
    else
      found.worst = metric->better == Better::higher ? std::min(*found.worst, *value) : std::max(*found.worst, *value);
  }
  return found;
}

// How much worse the candidate is, below 0 when it is better. 64-bit integers are exact in it.
long double worsening(const Repeated& base, const Repeated& candidate) {
  const auto exact = [](const Repeated& of) -> long double {
    const auto* integer = std::get_if<std::uint64_t>(&of.metric->value.value);
    return !of.differs && integer != nullptr ? static_cast<long double>(*integer) : static_cast<long double>(*of.worst);
  };
  const long double change = exact(candidate) - exact(base);
  return candidate.metric->better == Better::higher ? -change : change;
}

std::string broken_limit(const GateRule& rule, long double worse, double base, double candidate, Better better) {
  using Kind = LimitTerm::Kind;
  // What rounding alone can add to a difference of two ratios.
  const long double slack = 1e-12L * std::max(std::abs(base), std::abs(candidate));
  for (const LimitTerm& term : rule.terms) {
    const long double share = term.kind == Kind::worse_by_share ? std::abs(static_cast<long double>(base)) : 1.0L;
    const long double allowed = share * static_cast<long double>(term.value);
    const bool is_hard = term.kind == Kind::most || term.kind == Kind::least;
    if ((term.kind == Kind::most && candidate > term.value) || (term.kind == Kind::least && candidate < term.value) ||
        (!is_hard && better != Better::neither && worse > (allowed == 0 ? 0 : allowed + slack)))
      return rule.limit;
  }
  return {};
}

class Gate {
 public:
  Gate(const GatePolicy& policy, GateResult& result) : policy_(policy), result_(result), used_(policy.rules.size()) {}

  void report_missing(const StoredReport& report, bool from_candidate) {
    GateRow& row = result_.rows.emplace_back();
    row.scenario = report.head.scenario.name;
    row.device = report.head.device.name;
    row.state = GateState::missing;
    row.why =
        fmt::format("the {} has no such report; run the scenario there too", from_candidate ? "candidate" : "base");
  }

  void compare(const StoredReport& base, const StoredReport& candidate) {
    base_ = &base;
    candidate_ = &candidate;
    if (const std::string why = why_not_comparable(base, candidate); !why.empty()) {
      add("", GateState::not_comparable, why);
      return;
    }
    const Runs base_runs = by_strategy(base);
    const Runs candidate_runs = by_strategy(candidate);
    for (const auto& [strategy, runs] : base_runs) {
      const auto found = std::ranges::find(candidate_runs, strategy, &Runs::value_type::first);
      if (found == candidate_runs.end())
        add(strategy, GateState::missing, "the candidate has no run of this strategy");
      else
        compare_runs(runs, found->second);
    }
    for (const auto& entry : candidate_runs) {
      if (std::ranges::find(base_runs, entry.first, &Runs::value_type::first) == base_runs.end())
        result_.warnings.push_back(fmt::format("{}: {} is not in the base and is not gated; accept a new baseline",
                                               candidate.head.scenario.name, entry.first));
    }
  }

  void finish() {
    bool any_used = false;
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const GateRule& rule = policy_.rules[i];
      any_used |= used_[i];
      if (!used_[i] && !rule.margin)
        result_.warnings.push_back(fmt::format("{}: /rules/{} ('{}') matches nothing that no earlier rule takes",
                                               policy_.file, i, rule.metric));
    }
    if (!any_used && compared_metrics_)
      throw Error(fmt::format("{}: no rule matches a metric of the reports; `vkmembench list metrics` prints them all",
                              policy_.file),
                  ExitCode::not_comparable);
    std::ranges::stable_sort(result_.rows, {}, [](const GateRow& row) { return std::pair(row.state, row.severity); });
  }

 private:
  GateRow& add(const std::string& strategy, GateState state, const std::string& why) {
    GateRow& row = result_.rows.emplace_back();
    row.scenario = candidate_->head.scenario.name;
    row.device = candidate_->head.device.name;
    row.strategy = strategy;
    row.state = state;
    row.why = why;
    row.report = candidate_;
    return row;
  }

  const GateRule* rule_for(const std::string& strategy, const std::string& metric) {
    const GateSubject subject{candidate_->head.scenario.name, candidate_->name, candidate_->head.device.name, strategy,
                              metric};
    for (std::size_t i = 0; i < policy_.rules.size(); ++i) {
      const GateRule& rule = policy_.rules[i];
      if (rule.margin || !matches(rule, subject)) continue;
      used_[i] = true;
      return &rule;
    }
    return nullptr;
  }

  void compare_runs(const std::vector<const StoredRun*>& base, const std::vector<const StoredRun*>& candidate) {
    const std::string& strategy = base.front()->strategy;
    for (const StoredRun* base_run : base) {
      for (const StoredRun* candidate_run : candidate) {
        const std::string why = why_not_comparable(*base_, *base_run, *candidate_, *candidate_run);
        if (why.empty()) continue;
        add(strategy, GateState::not_comparable, why);
        return;
      }
    }
    for (const StoredMetric& metric : base.front()->metrics) judge(strategy, metric, base, candidate);
  }

  void judge(const std::string& strategy, const StoredMetric& metric, const std::vector<const StoredRun*>& base,
             const std::vector<const StoredRun*>& candidate) {
    compared_metrics_ = true;
    const GateRule* rule = rule_for(strategy, metric.value.id);
    if (rule == nullptr || rule->ignore || metric.metric_class == MetricClass::info) {
      ++result_.not_gated;
      return;
    }
    const Repeated before = repeated(base, metric.value.id, metric.value.scope);
    const Repeated after = repeated(candidate, metric.value.id, metric.value.scope);
    if (metric.metric_class == MetricClass::noisy) {
      ++result_.noisy;
      return;
    }
    GateRow& row = add(strategy, GateState::same, {});
    row.metric = metric.value.id;
    row.scope = metric.value.scope;
    row.unit = metric.unit;
    row.base = before.worst;
    row.candidate = after.worst;
    const bool exact = metric.metric_class == MetricClass::exact && after.metric != nullptr &&
                       after.metric->metric_class == MetricClass::exact;
    if (after.metric == nullptr) {
      row.state = GateState::missing;
      row.why = "the candidate does not report it";
    } else if (exact && (before.differs || after.differs)) {
      row.state = GateState::not_comparable;
      row.why = "its repeats differ, though it is exact; find out why with `run --repeat`";
    } else if (!before.worst || !after.worst) {
      const bool lost = before.worst.has_value();
      row.state = lost ? GateState::missing : after.worst ? GateState::changed : GateState::same;
      row.why = lost ? "no value: " + after.metric->value.reason : "";
    } else {
      judge_values(row, *rule, before, after, exact);
    }
  }

  static void judge_values(GateRow& row, const GateRule& rule, const Repeated& before, const Repeated& after,
                           bool exact) {
    const long double worse = worsening(before, after);
    row.severity = static_cast<double>(row.base == 0.0 ? worse : worse / std::abs(static_cast<long double>(*row.base)));
    const std::string broken = broken_limit(rule, worse, *row.base, *row.candidate, after.metric->better);
    if (!broken.empty()) {
      row.state = GateState::regressed;
      row.why = "limit " + broken;
    } else if (worse != 0 && after.metric->better == Better::neither) {
      row.state = GateState::changed;
      row.severity = 0;
    } else if (worse != 0 && exact) {
      row.state = worse < 0 ? GateState::improved : GateState::changed;
      row.why = worse < 0 ? "" : "within limit " + rule.limit;
    }
  }

  const GatePolicy& policy_;
  GateResult& result_;
  std::vector<bool> used_;
  const StoredReport* base_ = nullptr;
  const StoredReport* candidate_ = nullptr;
  bool compared_metrics_ = false;
};

}  // namespace

std::string_view to_text(GateState state) {
  constexpr std::array<std::string_view, 6> kTexts = {"same",    "changed",        "improved",
                                                      "missing", "not comparable", "regressed"};
  return kTexts[static_cast<std::size_t>(state)];
}

std::size_t GateResult::count(GateState state) const {
  return static_cast<std::size_t>(std::ranges::count(rows, state, &GateRow::state));
}

ExitCode GateResult::verdict(const GatePolicy& policy) const {
  if (count(GateState::regressed) > 0) return ExitCode::regression;
  const std::size_t open = count(GateState::not_comparable);
  const std::size_t missing = count(GateState::missing);
  const bool measured_nothing = rows.size() == open + missing;
  if (open > 0 || measured_nothing || (missing > 0 && policy.on_missing == Reaction::fail))
    return ExitCode::not_comparable;
  return ExitCode::done;
}

GateResult gate(const std::vector<StoredReport>& base, const std::vector<StoredReport>& candidate,
                const GatePolicy& policy) {
  GateResult result;
  Gate gate(policy, result);
  const auto base_places = by_place(base);
  const auto candidate_places = by_place(candidate);
  for (const auto& [place, report] : base_places) {
    const auto found = candidate_places.find(place);
    if (found == candidate_places.end())
      gate.report_missing(*report, true);
    else
      gate.compare(*report, *found->second);
  }
  for (const auto& [place, report] : candidate_places) {
    if (!base_places.contains(place)) gate.report_missing(*report, false);
  }
  gate.finish();
  return result;
}

}  // namespace vkmembench
