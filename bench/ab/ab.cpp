#include "bench/ab/ab.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "allocator/base/error.h"
#include "bench/ab/schedule.h"

namespace vkmembench {
namespace {

using Clock = std::chrono::steady_clock;

// What is measured beside the gated metrics and shown: a shared machine tells nothing by its tails.
constexpr std::array<std::string_view, 2> kShown = {"time.create_buffer_ns.p99", "time.destroy_ns.p99"};

bool is_tail(std::string_view id) {
  return id.ends_with(".p99") || id.ends_with(".p999") || id.ends_with(".max") || id.ends_with(".worst");
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

class Measurement {
 public:
  Measurement(const AbPlan& plan, const MeasureArm& measure, const ShowPairs& show, AbResult& result)
      : plan_(plan),
        measure_(measure),
        show_(show),
        result_(result),
        start_(Clock::now()),
        schedule_(plan.control ? 3 : 2, plan.order_seed) {}

  // Pairs until a look decides, the looks end or the time is up. Without `only`, the policy chooses the metrics by the
  // first pair.
  AbRound round(const std::string& phase, const std::vector<std::string>* only) {
    AbRound round;
    for (std::size_t done = 0;; ++done) {
      const double elapsed = seconds_since(start_);
      // One more pair takes as long as those before it.
      if (pairs_ > 0 && plan_.max_seconds > 0 && elapsed + elapsed / static_cast<double>(pairs_) > plan_.max_seconds) {
        round.time_up = true;
        return round;
      }
      show_(phase, done, looks_.empty() ? 0 : looks_.back());
      measure_pair(round, only);
      if (std::ranges::find(looks_, done + 1) == looks_.end()) continue;
      round.decision = decide(paired(round), looks_, plan_.control);
      if (round.decision.verdict != Verdict::inconclusive || done + 1 == looks_.back()) return round;
    }
  }

  [[nodiscard]] double seconds() const { return seconds_since(start_); }

 private:
  // The values behind each gated metric as log ratios, above 0 worse.
  static std::vector<PairedMetric> paired(const AbRound& round) {
    std::vector<PairedMetric> metrics;
    for (const AbSamples& samples : round.samples) {
      if (samples.margin == 0) continue;
      PairedMetric& metric = metrics.emplace_back();
      metric.id = samples.id;
      metric.margin = samples.margin;
      const double sign = samples.better == Better::higher ? -1 : 1;
      for (std::size_t i = 0; i < samples.base.size(); ++i) {
        metric.log_ratios.push_back(sign * std::log(samples.candidate[i] / samples.base[i]));
        if (!samples.control.empty()) metric.control.push_back(sign * std::log(samples.control[i] / samples.base[i]));
      }
    }
    return metrics;
  }

  void measure_pair(AbRound& round, const std::vector<std::string>* only) {
    const std::uint64_t seed = ++pairs_;
    std::array<StoredReport, 3> reports;
    for (const std::size_t arm : schedule_.next()) {
      reports[arm] = measure_(arm == 1 ? plan_.candidate : plan_.base, seed);
      if (reports[arm].runs.size() != 1 || reports[arm].runs.front().status != Status::ok)
        throw Error(fmt::format("{}: the run of pair {} did not end", reports[arm].file, seed),
                    ErrorKind::not_comparable);
    }
    if (reports[0].head.scenario.trace_hash != reports[1].head.scenario.trace_hash)
      throw Error(
          "the two sides replay different traces (trace_hash): what they do cannot be compared; give both the "
          "same scenario",
          ErrorKind::not_comparable);
    if (pairs_ == 1) {
      result_.base_report = reports[0];
      result_.candidate_report = reports[1];
    }
    if (round.samples.empty()) choose_metrics(round, reports[0], reports[1], only);
    for (AbSamples& samples : round.samples) {
      samples.base.push_back(value_of(reports[0], samples));
      samples.candidate.push_back(value_of(reports[1], samples));
      if (plan_.control) samples.control.push_back(value_of(reports[2], samples));
    }
  }

  double value_of(const StoredReport& report, const AbSamples& samples) const {
    const std::optional<double> value = report.runs.front().number(samples.id);
    if (!value || *value <= 0)
      throw Error(fmt::format("{} of {} is {} in pair {}, and a ratio needs more than 0; choose a scenario that does "
                              "more of it",
                              samples.id, report.runs.front().strategy, value ? "0" : "missing", pairs_),
                  ErrorKind::not_comparable);
    return *value;
  }

  const GateRule* rule_for(const StoredReport& report, const std::string& metric) const {
    const GateSubject subject{report.head.scenario.name, report.head.scenario.name, report.head.device.name,
                              report.runs.front().strategy, metric};
    const auto found = std::ranges::find_if(plan_.policy.rules, [&](const GateRule& rule) {
      return (rule.margin || rule.ignore) && matches(rule, subject);
    });
    return found == plan_.policy.rules.end() || found->ignore ? nullptr : &*found;
  }

  void choose_metrics(AbRound& round, const StoredReport& base, const StoredReport& candidate,
                      const std::vector<std::string>* only) {
    for (const StoredMetric& metric : base.runs.front().metrics) {
      if (!metric.value.scope.empty() || metric.metric_class != MetricClass::noisy ||
          metric.better == Better::neither || candidate.runs.front().metric(metric.value.id) == nullptr)
        continue;
      const std::string& id = metric.value.id;
      const bool wanted = only == nullptr || std::ranges::find(*only, id) != only->end();
      const GateRule* rule = rule_for(candidate, id);
      const bool shown = std::ranges::find(kShown, id) != kShown.end();
      if (rule != nullptr && is_tail(id)) {
        if (only == nullptr)
          result_.warnings.push_back(
              fmt::format("{} is shown and not judged: a tail says nothing on a shared machine", id));
        rule = nullptr;
      } else if (rule == nullptr && !shown) {
        continue;
      }
      if (!wanted) continue;
      if (rule != nullptr) use_looks(rule->looks, id);
      round.samples.push_back({id, metric.unit, metric.better, rule == nullptr ? 0 : *rule->margin, {}, {}, {}});
    }
    if (std::ranges::all_of(round.samples, [](const AbSamples& samples) { return samples.margin == 0; }))
      throw Error(
          "no metric that both sides measure has a rule with `min_effect`: nothing would be judged; choose "
          "another scenario or policy",
          ErrorKind::not_comparable);
  }

  // All metrics are measured in the same processes.
  void use_looks(const std::vector<std::size_t>& looks, const std::string& id) {
    if (!looks_.empty() && looks_ != looks)
      throw Error(
          fmt::format("{}: the rule of {} has other `pairs` than the one before; one measurement serves all, "
                      "give all the same",
                      plan_.policy.file, id));
    looks_ = looks;
  }

  const AbPlan& plan_;
  const MeasureArm& measure_;
  const ShowPairs& show_;
  AbResult& result_;
  Clock::time_point start_;
  Schedule schedule_;
  std::vector<std::size_t> looks_;
  std::uint64_t pairs_ = 0;  // over all rounds: seeds never repeat
};

std::vector<std::string> regressed_metrics(const Decision& decision) {
  std::vector<std::string> ids;
  for (const MetricDecision& metric : decision.metrics) {
    if (metric.verdict == Verdict::regressed) ids.push_back(metric.id);
  }
  return ids;
}

std::string evidence_of(const Decision& decision, Verdict verdict) {
  for (const MetricDecision& metric : decision.metrics) {
    if (metric.verdict == verdict) return fmt::format("{}: {}", metric.id, sentence(metric.evidence));
  }
  return "";
}

void conclude(AbResult& result) {
  const Decision& first = result.first.decision;
  const auto unfit = [](const Decision& decision) {
    return std::ranges::any_of(decision.metrics, [](const MetricDecision& metric) { return metric.unfit; });
  };
  const std::size_t pairs = result.first.samples.front().base.size();
  result.verdict = first.verdict;
  if (first.verdict == Verdict::regressed) {
    const Decision& again = result.confirmation.decision;
    result.verdict = again.verdict == Verdict::regressed ? Verdict::regressed : Verdict::inconclusive;
    if (result.verdict == Verdict::regressed)
      result.why = fmt::format("{}; confirmed by {} fresh pairs", evidence_of(first, Verdict::regressed), again.pairs);
    else if (result.confirmation.time_up)
      result.why = "the time was up before fresh pairs could confirm a regression; give more with --max-time";
    else
      result.why = unfit(again) ? "the machine is unfit: base against base differs by more than the margin"
                                : "a regression that fresh pairs did not confirm; measure again on a quieter machine";
  } else if (first.verdict == Verdict::passed) {
    result.why = fmt::format("no metric is worse by its margin, by {} pairs", first.pairs);
  } else if (unfit(first)) {
    result.why = "the machine is unfit: base against base differs by more than the margin";
  } else if (result.first.time_up) {
    result.why = fmt::format("the time was up after {} pairs; give more with --max-time", pairs);
  } else {
    result.why = fmt::format("{} pairs do not tell; {}", pairs, evidence_of(first, Verdict::inconclusive));
  }
}

}  // namespace

AbResult run_ab(const AbPlan& plan, const MeasureArm& measure, const ShowPairs& show) {
  AbResult result;
  Measurement measurement(plan, measure, show, result);
  result.first = measurement.round("pairs", nullptr);
  if (result.first.decision.verdict == Verdict::regressed) {
    const std::vector<std::string> regressed = regressed_metrics(result.first.decision);
    result.confirmation = measurement.round("confirmation", &regressed);
  }
  result.seconds = measurement.seconds();
  conclude(result);
  return result;
}

}  // namespace vkmembench
