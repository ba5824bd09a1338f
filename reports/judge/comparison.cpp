#include "reports/judge/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "allocator/base/error.h"
#include "reports/judge/device_difference.h"
#include "reports/judge/parameter_difference.h"
#include "reports/judge/why_not_comparable.h"
#include "reports/model/contenders.h"
#include "reports/model/metric_columns.h"
#include "reports/model/rounds.h"
#include "reports/model/statistics.h"

namespace vkmembench {
namespace {

constexpr std::string_view kWantedBase = "vma";
constexpr double kLead = 0.02;  // by which one strategy must lead, so that a ranking is more than rounding

bool is_time(const std::string& unit) { return unit == "ns" || unit == "per_s" || unit == "bytes_per_s"; }

// Strategies but the floor, in the order of the reports.
std::vector<std::string> strategies_of(const std::vector<const StoredReport*>& reports) {
  std::vector<std::string> names;
  for (const StoredReport* report : reports) {
    for (const StoredRun& run : report->runs) {
      if (run.strategy != kFloorStrategy && std::ranges::find(names, run.strategy) == names.end())
        names.push_back(run.strategy);
    }
  }
  return names;
}

const StoredMetric* metric_of(const StoredReport& report, const std::string& strategy, std::string_view id) {
  for (const StoredRun& run : report.runs) {
    if (run.strategy != strategy) continue;
    if (const StoredMetric* metric = run.metric(id)) return metric;
  }
  return nullptr;
}

std::optional<double> median_of_any(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  return median_of(values);
}

// The median over the repeats of a run that ended.
std::optional<double> value_of(const StoredReport& report, const std::string& strategy, std::string_view id) {
  std::vector<double> values;
  for (const StoredRun& run : report.runs) {
    if (run.strategy != strategy || run.status != Status::ok) continue;
    if (const std::optional<double> value = run.number(id)) values.push_back(*value);
  }
  return median_of_any(std::move(values));
}

std::optional<double> ratio_of(const std::optional<double>& value, const std::optional<double>& base) {
  if (!value || !base) return std::nullopt;
  if (*value == *base) return 1.0;
  if (*base == 0) return std::nullopt;
  return *value / *base;
}

bool has_two_values(const ComparedRow& row) {
  return std::ranges::count_if(row.cells, [](const ComparedRow::Cell& cell) { return cell.value.has_value(); }) > 1;
}

std::string clock_of(const StoredReport& report) { return report.runs.front().clock; }

class Comparing {
 public:
  explicit Comparing(ScenarioComparison& out) : out_(out) {
    for (const ShownColumn& shown : columns_for("compare")) headlines_.push_back(shown.id());
  }

  // False when no two reports have a value of the same metric.
  bool fill() {
    const StoredReport& first = *out_.reports.front();
    out_.several_devices = std::ranges::any_of(
        out_.reports, [&](const StoredReport* report) { return report->head.device.name != first.head.device.name; });
    strategies_ = strategies_of(out_.reports);
    if (out_.several_devices) choose_baseline();
    note_differences(first);
    for (const std::string& id : headlines_) {
      for (const std::string& strategy : strategies_) add_row(out_.rows, strategy, id);
    }
    if (out_.several_devices)
      find_flips();
    else
      find_changes();
    has_two_values_ |= std::ranges::any_of(out_.rows, has_two_values);
    if (!has_two_values_) out_.notes.push_back("no two reports have a value of the same metric: nothing is compared");
    return has_two_values_;
  }

 private:
  void choose_baseline() {
    const auto everywhere = [&](const std::string& strategy) {
      return std::ranges::all_of(out_.reports, [&](const StoredReport* report) {
        return std::ranges::find(report->runs, strategy, &StoredRun::strategy) != report->runs.end();
      });
    };
    if (everywhere(std::string(kWantedBase))) {
      out_.baseline = kWantedBase;
      return;
    }
    const auto found = std::ranges::find_if(strategies_, everywhere);
    if (found == strategies_.end())
      out_.notes.push_back("no strategy ran on every device: there are no ratios; run `--strategy vma` on each");
    else
      out_.baseline = *found;
  }

  void note_differences(const StoredReport& first) {
    std::set<std::string> devices = {first.head.device.name};
    for (const StoredReport* report : out_.reports) {
      if (report == &first) continue;
      const bool other_device = report->head.device.name != first.head.device.name;
      if (other_device && devices.insert(report->head.device.name).second) {
        for (std::string& line : memory_differences(first.head.device, report->head.device))
          out_.memory.push_back(std::move(line));
      }
      if (!other_device && report->head.requirements_hash != first.head.requirements_hash)
        out_.notes.push_back(
            fmt::format("{}: the device answers otherwise (requirements_hash): another driver, and "
                        "its figures are no measure of the tool's",
                        report->file));
      note_other_runs(first, *report);
      if (clock_of(*report) != clock_of(first))
        out_.notes.push_back(fmt::format("{}: clock {}, where {} has {}: times are left out", report->file,
                                         clock_of(*report), first.file, clock_of(first)));
      if (const std::string why = why_counts_not_comparable(first, *report);
          !why.empty() && has_counts(first) && has_counts(*report))
        out_.notes.push_back(fmt::format("{}: counts of instructions are left out: {}", report->file, why));
      if (report->head.scenario.substitutions != first.head.scenario.substitutions)
        out_.notes.push_back(
            fmt::format("{}: other formats were taken: the devices served different requests", report->file));
    }
  }

  static bool has_counts(const StoredReport& report) {
    return std::ranges::any_of(report.runs, [](const StoredRun& run) {
      return std::ranges::any_of(run.metrics,
                                 [](const StoredMetric& metric) { return counts_instructions(metric.value.id); });
    });
  }
  // Whether its instructions, if it has any, compare with those of the first, or those of the first with any other's.
  [[nodiscard]] bool counts_alike(const StoredReport& report) const {
    const StoredReport& first = *out_.reports.front();
    const auto is_alike = [&](const StoredReport* other) { return why_counts_not_comparable(first, *other).empty(); };
    return &report == &first ? std::ranges::count_if(out_.reports, is_alike) > 1 : is_alike(&report);
  }

  void add_row(std::vector<ComparedRow>& rows, const std::string& strategy, const std::string& id) {
    ComparedRow row;
    row.strategy = strategy;
    row.metric = id;
    bool has_value = false;
    for (const StoredReport* report : out_.reports) {
      ComparedRow::Cell& cell = row.cells.emplace_back();
      const StoredMetric* metric = metric_of(*report, strategy, id);
      if (metric == nullptr) continue;
      row.unit = metric->unit;
      row.metric_class = metric->metric_class;
      if (is_time(metric->unit) && clock_of(*report) != clock_of(*out_.reports.front())) continue;
      cell.value = value_of(*report, strategy, id);
      cell.spread = spread(metric->value).value_or(0);
      cell.too_few = metric->value.needs_n != 0;
      has_value |= cell.value.has_value();
      const std::optional<double> base =
          out_.several_devices ? value_of(*report, out_.baseline, id) : value_of(*out_.reports.front(), strategy, id);
      cell.ratio = ratio_of(cell.value, base);
    }
    if (has_value) rows.push_back(std::move(row));
  }

  // A run under the strategy's name in both reports, but made otherwise.
  void note_other_runs(const StoredReport& first, const StoredReport& report) {
    std::set<std::string_view> seen;
    for (const StoredRun& run : report.runs) {
      const auto base = std::ranges::find(first.runs, run.strategy, &StoredRun::strategy);
      if (base == first.runs.end() || !seen.insert(run.strategy).second) continue;
      if (const std::string difference = parameter_difference(base->parameters, run.parameters); !difference.empty())
        out_.notes.push_back(fmt::format("{}: {} has other parameters than in {}: {}", report.file, run.strategy,
                                         first.file, difference));
      if (run.replay != base->replay)
        out_.notes.push_back(fmt::format("{}: {} was replayed {}, where {} has {}", report.file, run.strategy,
                                         run.replay, first.file, base->replay));
    }
  }

  [[nodiscard]] bool is_headline(const std::string& id) const {
    return std::ranges::find(headlines_, id) != headlines_.end();
  }

  // An exact metric of a strategy, and its values over the repeats in each report.
  struct Exact {
    const StoredMetric* metric = nullptr;
    std::vector<std::vector<double>> values;
  };

  // Of the runs that ended, in the order in which they list them; of which reports there are any, in `ended`.
  std::vector<Exact> exact_metrics(const std::string& strategy, std::vector<bool>& ended) const {
    const bool one_clock = std::ranges::all_of(
        out_.reports, [&](const StoredReport* report) { return clock_of(*report) == clock_of(*out_.reports.front()); });
    std::vector<Exact> found;
    std::map<MetricKey, std::size_t> places;
    for (std::size_t i = 0; i < out_.reports.size(); ++i) {
      for (const StoredRun& run : out_.reports[i]->runs) {
        if (run.strategy != strategy || run.status != Status::ok) continue;
        ended[i] = true;
        for (const StoredMetric& metric : run.metrics) {
          const bool is_row = metric.value.scope.empty() && is_headline(metric.value.id);
          if (metric.metric_class != MetricClass::exact || is_row || (is_time(metric.unit) && !one_clock)) continue;
          if (counts_instructions(metric.value.id) && !counts_alike(*out_.reports[i])) continue;
          const std::size_t place = places.try_emplace(key_of(metric), found.size()).first->second;
          if (place == found.size()) found.push_back({&metric, std::vector<std::vector<double>>(out_.reports.size())});
          if (const std::optional<double> value = as_number(metric.value)) found[place].values[i].push_back(*value);
        }
      }
    }
    return found;
  }

  void find_changes() {
    for (const std::string& strategy : strategies_) {
      std::vector<bool> ended(out_.reports.size());
      for (Exact& exact : exact_metrics(strategy, ended)) {
        ComparedRow row;
        row.strategy = strategy;
        row.metric = exact.metric->value.id;
        row.scope = exact.metric->value.scope;
        row.unit = exact.metric->unit;
        std::set<std::optional<double>> different;
        for (std::size_t i = 0; i < ended.size(); ++i) {
          ComparedRow::Cell& cell = row.cells.emplace_back();
          cell.value = median_of_any(std::move(exact.values[i]));
          cell.ratio = ratio_of(cell.value, row.cells.front().value);
          if (ended[i]) different.insert(cell.value);
        }
        has_two_values_ |= has_two_values(row);
        if (different.size() > 1) out_.changed.push_back(std::move(row));
      }
      for (std::size_t i = 0; i < ended.size(); ++i) {
        if (!ended[i])
          out_.notes.push_back(fmt::format("{}: has no run of {} that ended", out_.reports[i]->file, strategy));
      }
    }
  }

  // Wall times of single runs are too noisy to rank by.
  bool ranks(const ComparedRow& row) const {
    return row.metric_class == MetricClass::exact || clock_of(*out_.reports.front()) == "model";
  }

  void find_flips() {
    for (std::size_t i = 0; i < out_.rows.size(); ++i) {
      for (std::size_t j = i + 1; j < out_.rows.size() && out_.rows[j].metric == out_.rows[i].metric; ++j) {
        if (ranks(out_.rows[i])) add_flip(out_.rows[i], out_.rows[j]);
      }
    }
  }

  void add_flip(const ComparedRow& one, const ComparedRow& other) {
    RankingFlip flip{one.metric, one.strategy, other.strategy, {}, {}};
    const bool less_leads = traits_of(one.metric).better == Better::lower;
    for (std::size_t i = 0; i < out_.reports.size(); ++i) {
      const std::optional<double> a = (less_leads ? one : other).cells[i].value;
      const std::optional<double> b = (less_leads ? other : one).cells[i].value;
      if (!a || !b) continue;
      const std::string& device = out_.reports[i]->head.device.name;
      if (*a * (1 + kLead) < *b) flip.one_leads_on.push_back(device);
      if (*b * (1 + kLead) < *a) flip.other_leads_on.push_back(device);
    }
    if (!flip.one_leads_on.empty() && !flip.other_leads_on.empty()) out_.flips.push_back(std::move(flip));
  }

  ScenarioComparison& out_;
  std::vector<std::string> headlines_;
  std::vector<std::string> strategies_;
  bool has_two_values_ = false;
};

void require_ended(const StoredReport& report) {
  for (const StoredRun& run : report.runs) {
    if (run.status == Status::timeout)
      throw Error(fmt::format("{}: the run of {} is cut short by a timeout, and half a run compares with nothing; give "
                              "it more time, or leave the strategy out",
                              report.file, run.strategy),
                  ErrorKind::not_comparable);
  }
  if (report.head.status == Status::ok || report.head.status == Status::failed) {
    if (!report.runs.empty()) return;
    throw Error(fmt::format("{}: holds no run; run its scenario again", report.file), ErrorKind::not_comparable);
  }
  throw Error(fmt::format("{}: its status is {}: half a report compares with nothing; run it again", report.file,
                          to_text(report.head.status)),
              ErrorKind::not_comparable);
}

}  // namespace

std::vector<ScenarioComparison> compare(const std::vector<std::vector<StoredReport>>& sets) {
  for (const std::vector<StoredReport>& set : sets) {
    for (const StoredReport& report : set) require_ended(report);
  }
  std::vector<ScenarioComparison> scenarios;
  std::set<std::string> seen;
  std::string other_trace;
  bool is_compared = false;
  for (const StoredReport& base : sets.front()) {
    if (!seen.insert(base.head.scenario.name).second) continue;
    ScenarioComparison comparison;
    comparison.scenario = base.head.scenario.name;
    for (const std::vector<StoredReport>& set : sets) {
      for (const StoredReport& report : set) {
        if (report.head.scenario.name != comparison.scenario) continue;
        if (report.head.scenario.trace_hash == base.head.scenario.trace_hash) {
          comparison.reports.push_back(&report);
          continue;
        }
        other_trace =
            fmt::format("{}: replays another trace of {} than {}", report.file, comparison.scenario, base.file);
        comparison.notes.push_back(other_trace + ", and is left out; run both with the same seed and --set");
      }
    }
    if (comparison.reports.size() < 2) continue;
    is_compared |= Comparing(comparison).fill();
    scenarios.push_back(std::move(comparison));
  }
  if (scenarios.empty() && !other_trace.empty())
    throw Error(other_trace + ": nothing can be compared; run both with the same seed and --set",
                ErrorKind::not_comparable);
  if (scenarios.empty())
    throw Error("the reports have no scenario in common: nothing can be compared; run the same scenario for each",
                ErrorKind::not_comparable);
  if (!is_compared)
    throw Error(
        fmt::format("{}: no two reports have a value of the same metric of a strategy: nothing can be compared; "
                    "run the same strategies for each, to their end",
                    scenarios.front().scenario),
        ErrorKind::not_comparable);
  return scenarios;
}

}  // namespace vkmembench
