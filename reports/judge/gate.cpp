#include "reports/judge/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "reports/judge/metric_pairs.h"
#include "reports/judge/parameter_difference.h"
#include "reports/judge/why_not_comparable.h"

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
using Runs = std::vector<std::pair<std::string, RunsOf>>;
Runs by_strategy(const StoredReport& report) {
  Runs runs;
  for (const StoredRun& run : report.runs) {
    auto found = std::ranges::find(runs, run.strategy, &Runs::value_type::first);
    if (found == runs.end()) found = runs.insert(runs.end(), {run.strategy, {}});
    found->second.push_back(&run);
  }
  return runs;
}

// How much worse the candidate is, below 0 when it is better. 64-bit integers are exact in it.
long double worsening(const Repeated& base, const Repeated& candidate) {
  const auto exact = [](const Repeated& of) -> long double {
    const auto* integer = std::get_if<std::uint64_t>(&of.metric->value.value);
    return !of.differs && integer != nullptr ? static_cast<long double>(*integer)
                                             : static_cast<long double>(*of.worst());
  };
  const long double change = exact(candidate) - exact(base);
  return candidate.metric->better == Better::higher ? -change : change;
}

bool is_hard(const LimitTerm& term) {
  return term.kind == LimitTerm::Kind::most || term.kind == LimitTerm::Kind::least;
}

// Hard limits need no base: each value of the candidate is within them, or not.
bool breaks_hard_limit(const GateRule& rule, const Repeated& candidate) {
  return candidate.high && std::ranges::any_of(rule.terms, [&](const LimitTerm& term) {
           return (term.kind == LimitTerm::Kind::most && *candidate.high > term.value) ||
                  (term.kind == LimitTerm::Kind::least && *candidate.low < term.value);
         });
}

bool breaks_relative_limit(const GateRule& rule, long double worse, double base, double candidate) {
  // What rounding alone can add to a difference of two ratios.
  const long double slack = 1e-12L * std::max(std::abs(base), std::abs(candidate));
  return std::ranges::any_of(rule.terms, [&](const LimitTerm& term) {
    const bool is_share = term.kind == LimitTerm::Kind::worse_by_share;
    const long double share = is_share ? std::abs(static_cast<long double>(base)) : 1.0L;
    const long double allowed = share * static_cast<long double>(term.value);
    return !is_hard(term) && worse > (allowed == 0 ? 0 : allowed + slack);
  });
}

class Gate {
 public:
  Gate(const GatePolicy& policy, GateResult& result) : policy_(policy), result_(result), used_(policy.rules.size()) {}

  void lacks_candidate(const StoredReport& base) {
    GateRow& row = result_.rows.emplace_back();
    row.scenario = base.head.scenario.name;
    row.device = base.head.device.name;
    row.state = GateState::missing;
    row.why = "the candidate has no such report; run the scenario there too";
  }

  void lacks_base(const StoredReport& candidate) {
    candidate_ = &candidate;
    add("", GateState::missing, "the base has no such report; run the scenario there too");
    if (const std::string why = why_not_comparable(candidate, candidate); !why.empty()) {
      add("", GateState::not_comparable, why);
      return;
    }
    for (const auto& [strategy, runs] : by_strategy(candidate)) judge_alone(strategy, runs);
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
        compare_runs(strategy, runs, found->second);
    }
    for (const auto& [strategy, runs] : candidate_runs) {
      if (std::ranges::find(base_runs, strategy, &Runs::value_type::first) != base_runs.end()) continue;
      add(strategy, GateState::missing, "the base has no run of this strategy; accept a new baseline");
      judge_alone(strategy, runs);
    }
  }

  void finish() {
    // What was not looked into may have what a rule matches.
    const bool saw_all = std::ranges::none_of(result_.rows, [](const GateRow& row) { return row.metric.empty(); });
    for (std::size_t i = 0; i < used_.size() && saw_all; ++i) {
      const GateRule& rule = policy_.rules[i];
      if (!used_[i] && !rule.margin)
        result_.warnings.push_back(fmt::format("{}: /rules/{} ('{}') matches nothing that no earlier rule takes{}",
                                               policy_.file, i, rule.metric, unknown(rule)));
    }
    if (compared_metrics_ && std::ranges::find(used_, true) == used_.end())
      throw Error(
          fmt::format("{}: no rule matches a metric of the reports{}; `vkmembench list metrics` prints them all",
                      policy_.file, policy_.rules.empty() ? "" : unknown(policy_.rules.front())),
          ErrorKind::not_comparable);
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

  void compare_runs(const std::string& strategy, const RunsOf& base, const RunsOf& candidate) {
    for (const StoredRun* base_run : base) {
      for (const StoredRun* candidate_run : candidate) {
        const std::string why = why_not_comparable(*base_, *base_run, *candidate_, *candidate_run);
        if (why.empty()) continue;
        add(strategy, GateState::not_comparable, why);
        return;
      }
    }
    compared_metrics_ = true;
    note_parameters(strategy, *base.front(), *candidate.front());
    for (const MetricPair& metric : metric_pairs(base, candidate))
      judge(strategy, metric, base.size(), candidate.size());
  }

  static std::string unknown(const GateRule& rule) {
    const std::string text = unknown_metric(rule.metric);
    return text.empty() ? text : ": " + text;
  }

  // What a change may come of besides the program.
  void note_parameters(const std::string& strategy, const StoredRun& base, const StoredRun& candidate) {
    const std::string difference = parameter_difference(base.parameters, candidate.parameters);
    if (!difference.empty())
      result_.notes.push_back(fmt::format("{}: {} has other parameters than in {}: {}", candidate_->file, strategy,
                                          base_->file, difference));
  }

  // A strategy that the base lacks: hard limits are all that can be judged.
  void judge_alone(const std::string& strategy, const RunsOf& runs) {
    for (const StoredRun* run : runs) {
      if (const std::string why = why_not_comparable(*candidate_, *run, *candidate_, *run); !why.empty()) {
        add(strategy, GateState::not_comparable, why);
        return;
      }
    }
    for (const MetricPair& metric : metric_pairs({}, runs)) {
      const GateRule* rule = rule_for(strategy, metric.candidate.metric->value.id);
      if (rule != nullptr && !rule->ignore && is_judged(*metric.candidate.metric) &&
          breaks_hard_limit(*rule, metric.candidate))
        set(add_metric(strategy, metric), GateState::regressed, "limit " + rule->limit);
    }
  }

  void judge(const std::string& strategy, const MetricPair& metric, std::size_t base_runs, std::size_t candidate_runs) {
    const Repeated& before = metric.base;
    const Repeated& after = metric.candidate;
    const StoredMetric& any = metric.any();
    const GateRule* rule = rule_for(strategy, any.value.id);
    const std::string redefined = metric.redefinition();
    const bool is_noisy = redefined.empty() && any.metric_class == MetricClass::noisy;
    const bool is_info = redefined.empty() && any.metric_class == MetricClass::info;
    const bool in_all = before.repeats == base_runs && after.repeats == candidate_runs;
    if (rule == nullptr || rule->ignore || is_info) {
      ++result_.not_gated;
    } else if (is_noisy) {
      ++result_.noisy;
    } else if (in_all && !before.high && !after.high) {
      ++result_.without_value;
    } else if (GateRow& row = add_metric(strategy, metric); !redefined.empty()) {
      set(row, GateState::not_comparable,
          fmt::format("it is defined in two ways: {}; write both reports with one version of the tool", redefined));
    } else if (breaks_hard_limit(*rule, after)) {
      set(row, GateState::regressed, "limit " + rule->limit);
    } else if (!in_all) {
      set(row, GateState::missing,
          after.repeats < candidate_runs ? lacking("candidate", after.repeats, candidate_runs)
                                         : lacking("base", before.repeats, base_runs) + "; accept a new baseline");
    } else if (const std::string why =
                   counts_instructions(any.value.id) ? why_counts_not_comparable(*base_, *candidate_) : "";
               !why.empty()) {
      set(row, GateState::not_comparable, why);
    } else {
      judge_values(row, *rule, before, after);
    }
  }

  static std::string lacking(std::string_view side, std::size_t repeats, std::size_t runs) {
    return repeats == 0 ? fmt::format("the {} does not report it", side)
                        : fmt::format("only {} of {} runs of the {} report it", repeats, runs, side);
  }

  GateRow& add_metric(const std::string& strategy, const MetricPair& metric) {
    const StoredMetric& any = metric.any();
    GateRow& row = add(strategy, GateState::same, {});
    row.metric = any.value.id;
    row.scope = any.value.scope;
    row.unit = any.unit;
    row.base = metric.base.worst();
    row.candidate = metric.candidate.worst();
    if (row.base && row.candidate)
      row.severity = static_cast<double>(worsening(metric.base, metric.candidate) /
                                         (row.base == 0.0 ? 1.0L : std::abs(static_cast<long double>(*row.base))));
    return row;
  }

  static void set(GateRow& row, GateState state, const std::string& why) {
    row.state = state;
    row.why = why;
  }

  static void judge_values(GateRow& row, const GateRule& rule, const Repeated& before, const Repeated& after) {
    const bool exact =
        before.metric->metric_class == MetricClass::exact && after.metric->metric_class == MetricClass::exact;
    if (exact && (before.differs || after.differs)) {
      row.state = GateState::not_comparable;
      row.why = "its repeats differ, though it is exact; find out why with `run --repeat`";
    } else if (!row.candidate) {
      row.state = GateState::missing;
      row.why = "no value: " + after.null->value.reason;
    } else if (!row.base) {
      const bool needs_base = !std::ranges::all_of(rule.terms, is_hard);
      row.state = needs_base ? GateState::missing : GateState::changed;
      row.why = needs_base ? "the base has no value: " + before.null->value.reason : "within limit " + rule.limit;
    } else if (before.metric->value.note != after.metric->value.note) {
      const auto said = [](const StoredMetric& metric) {
        return metric.value.note.empty() ? "all" : metric.value.note;
      };
      row.state = GateState::missing;
      row.why = fmt::format("the sides served different requests: base {}; candidate {}", said(*before.metric),
                            said(*after.metric));
    } else {
      judge_change(row, rule, before, after, exact);
    }
  }

  static void judge_change(GateRow& row, const GateRule& rule, const Repeated& before, const Repeated& after,
                           bool exact) {
    const long double worse = worsening(before, after);
    const bool has_better = after.metric->better != Better::neither;
    if (has_better && breaks_relative_limit(rule, worse, *row.base, *row.candidate)) {
      row.state = GateState::regressed;
      row.why = "limit " + rule.limit;
    } else if (worse != 0 && !has_better) {
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

GateVerdict GateResult::verdict(const GatePolicy& policy) const {
  if (count(GateState::regressed) > 0) return GateVerdict::regressed;
  const std::size_t open = count(GateState::not_comparable);
  const std::size_t missing = count(GateState::missing);
  const bool measured_nothing = rows.size() == open + missing;
  if (open > 0 || measured_nothing || (missing > 0 && policy.on_missing == Reaction::fail))
    return GateVerdict::not_comparable;
  return GateVerdict::passed;
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
      gate.lacks_candidate(*report);
    else
      gate.compare(*report, *found->second);
  }
  for (const auto& [place, report] : candidate_places) {
    if (!base_places.contains(place)) gate.lacks_base(*report);
  }
  gate.finish();
  return result;
}

}  // namespace vkmembench
