#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "reports/json/report_reader.h"

namespace vkmembench {

// `gate` judges exact and bounded metrics, `ab` noisy ones, nobody the others.
[[nodiscard]] bool is_judged(const StoredMetric& metric);

// A metric over the repeats of one side.
struct Repeated {
  const StoredMetric* metric = nullptr;     // of the first repeat that has it
  const StoredMetric* null = nullptr;       // of one that has no value for it
  const StoredMetric* redefined = nullptr;  // of one that means something else by it
  std::optional<double> low, high;
  std::size_t repeats = 0;  // that have it
  bool differs = false;

  void add(const StoredMetric& next);
  // nullopt unless every repeat that has the metric has a value.
  [[nodiscard]] std::optional<double> worst() const;
};

// A metric that a run of either side has.
struct MetricPair {
  Repeated base, candidate;

  // Of the base, or else of the candidate.
  [[nodiscard]] const StoredMetric& any() const;
  // The two definitions, where those of the sides or of their repeats differ; empty where they are one.
  [[nodiscard]] std::string redefinition() const;
};

// The repeats of one strategy in a report.
using RunsOf = std::vector<const StoredRun*>;

// In the order in which the runs list them. Refers to the runs.
[[nodiscard]] std::vector<MetricPair> metric_pairs(const RunsOf& base, const RunsOf& candidate);

}  // namespace vkmembench
