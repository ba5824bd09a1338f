#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reports/model/histogram.h"
#include "reports/model/report.h"

namespace vkmembench {

// What part of a run a metric is about; a total has none.
struct MetricScope {
  std::string kind;  // heap, type, pool, lane, category, label, size, cause, kind
  std::string value;
};

// Append a metric to a run. A double that is not finite becomes null with a reason.
void add_metric(Run& run, std::string id, std::uint64_t value, const MetricScope& scope = {}, std::uint64_t n = 0);
void add_metric(Run& run, std::string id, double value, const MetricScope& scope = {}, std::uint64_t n = 0);
void add_null_metric(Run& run, std::string id, std::string reason, const MetricScope& scope = {});

// Appends the stats that the table lists for `id` (p50 p90 p99 p999 max mean n) of a histogram, p999 from 10 000 values
// on; nothing for an empty histogram. Requires a row of the table for `id`.
void append_histogram_metrics(Run& run, std::string_view id, const Histogram& histogram, const MetricScope& scope = {});

}  // namespace vkmembench
