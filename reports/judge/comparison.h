#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/json/report_reader.h"

namespace vkmembench {

// Reports side by side. Nothing here is a verdict: `gate` and `ab` judge.

// One metric of one strategy, a cell for each report.
struct ComparedRow {
  struct Cell {
    std::optional<double> value;  // the median of the repeats
    double spread = 0;            // half of its interval's width, as a share of it; 0 where it has none
    bool too_few = false;         // a percentile of fewer samples than it takes
    std::optional<double> ratio;  // to the same strategy of the first report; on several devices to the device's own
                                  // baseline strategy
  };
  std::string strategy, metric, scope, unit;
  MetricClass metric_class = MetricClass::exact;
  std::vector<Cell> cells;
};

// Two strategies of which one is better on some devices and the other on others.
struct RankingFlip {
  std::string metric, one, other;
  std::vector<std::string> one_leads_on, other_leads_on;  // devices
};

struct ScenarioComparison {
  std::string scenario;
  std::vector<const StoredReport*> reports;
  bool several_devices = false;
  std::string baseline;              // the strategy that ratios are to, on several devices
  std::vector<ComparedRow> rows;     // the headline metrics, strategy by strategy
  std::vector<ComparedRow> changed;  // on one device: every other exact metric that differs, or that some reports lack
  std::vector<std::string> notes;    // what stands between the figures
  std::vector<std::string> memory;   // how the devices' memory differs
  std::vector<RankingFlip> flips;
};

// Compares the scenarios that the first set shares with another. The sets outlive the result. Throws Error,
// not_comparable, for a report that did not end, for a set that shares nothing with the first, when no two reports
// of a scenario replay the same trace, and when no two have a value of the same metric.
[[nodiscard]] std::vector<ScenarioComparison> compare(const std::vector<std::vector<StoredReport>>& sets);

// For a terminal; `all` lists every changed metric.
[[nodiscard]] std::string comparison_text(const std::vector<ScenarioComparison>& scenarios, bool all);
[[nodiscard]] std::string comparison_json(const std::vector<ScenarioComparison>& scenarios);

}  // namespace vkmembench
