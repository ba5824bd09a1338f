#include "reports/judge/metric_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace vkmembench {
namespace {

// Whether figures under the two mean the same. Lanes that run freely make bounded what is exact.
bool is_alike(const StoredMetric& one, const StoredMetric& other) {
  return one.unit == other.unit && one.better == other.better &&
         (one.metric_class == other.metric_class || (is_judged(one) && is_judged(other)));
}

std::string definition(const StoredMetric& metric) {
  return fmt::format("{}, better {}, {}", metric.unit, to_text(metric.better), to_text(metric.metric_class));
}

}  // namespace

bool is_judged(const StoredMetric& metric) {
  return metric.metric_class == MetricClass::exact || metric.metric_class == MetricClass::bounded;
}

void Repeated::add(const StoredMetric& next) {
  ++repeats;
  if (metric == nullptr) metric = &next;
  if (!is_alike(*metric, next)) redefined = &next;
  differs |= next.value.value != metric->value.value;
  if (const std::optional<double> value = as_number(next.value)) {
    low = std::min(low.value_or(*value), *value);
    high = std::max(high.value_or(*value), *value);
  } else {
    null = &next;
  }
}

std::optional<double> Repeated::worst() const {
  if (metric == nullptr || null != nullptr) return std::nullopt;
  return metric->better == Better::higher ? low : high;
}

const StoredMetric& MetricPair::any() const { return base.metric != nullptr ? *base.metric : *candidate.metric; }

std::string MetricPair::redefinition() const {
  for (const StoredMetric* other : {base.redefined, candidate.metric, candidate.redefined}) {
    if (other != nullptr && !is_alike(any(), *other))
      return fmt::format("{} and {}", definition(any()), definition(*other));
  }
  return {};
}

std::vector<MetricPair> metric_pairs(const RunsOf& base, const RunsOf& candidate) {
  std::vector<MetricPair> pairs;
  std::map<MetricKey, std::size_t> places;
  const auto add = [&](const RunsOf& runs, Repeated MetricPair::*side) {
    for (const StoredRun* run : runs) {
      for (const StoredMetric& metric : run->metrics) {
        const std::size_t place = places.try_emplace(key_of(metric), pairs.size()).first->second;
        if (place == pairs.size()) pairs.emplace_back();
        (pairs[place].*side).add(metric);
      }
    }
  };
  add(base, &MetricPair::base);
  add(candidate, &MetricPair::candidate);
  return pairs;
}

}  // namespace vkmembench
