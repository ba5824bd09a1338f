#include "reports/model/summary.h"

#include <cmath>
#include <utility>

#include "reports/model/metric_table.h"

namespace vkmembench {
namespace {

MetricValue& append(Run& run, std::string id, const MetricScope& scope) {
  MetricValue& metric = run.metrics.emplace_back();
  metric.id = std::move(id);
  metric.scope_kind = scope.kind;
  metric.scope = scope.value;
  return metric;
}

}  // namespace

void add_metric(Run& run, std::string id, std::uint64_t value, const MetricScope& scope, std::uint64_t n) {
  MetricValue& metric = append(run, std::move(id), scope);
  metric.value = value;
  metric.n = n;
}

void add_metric(Run& run, std::string id, double value, const MetricScope& scope, std::uint64_t n) {
  MetricValue& metric = append(run, std::move(id), scope);
  metric.n = n;
  if (std::isfinite(value)) {
    metric.value = value;
  } else {
    metric.reason = "not a finite number";
  }
}

void add_null_metric(Run& run, std::string id, std::string reason, const MetricScope& scope) {
  append(run, std::move(id), scope).reason = std::move(reason);
}

void append_histogram_metrics(Run& run, std::string_view id, const Histogram& histogram, const MetricScope& scope) {
  constexpr std::uint64_t kEnoughForP999 = 10'000;
  const std::uint64_t n = histogram.count();
  if (n == 0) return;
  const auto wanted = [&](std::string_view stat) {
    return find_metric(std::string(id).append(".").append(stat)) != nullptr;
  };
  const auto quantile = [&](std::string_view stat, double q) {
    if (wanted(stat)) add_metric(run, std::string(id).append(".").append(stat), histogram.quantile(q), scope, n);
  };
  quantile("p50", 0.50);
  quantile("p90", 0.90);
  quantile("p99", 0.99);
  if (n >= kEnoughForP999) quantile("p999", 0.999);
  if (wanted("max")) add_metric(run, std::string(id) + ".max", histogram.max(), scope, n);
  if (wanted("mean")) add_metric(run, std::string(id) + ".mean", histogram.mean(), scope, n);
  if (wanted("n")) add_metric(run, std::string(id) + ".n", n, scope, n);
}

}  // namespace vkmembench
