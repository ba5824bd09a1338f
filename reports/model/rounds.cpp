#include "reports/model/rounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "reports/model/statistics.h"

namespace vkmembench {
namespace {

// Where a process lies in memory moves its times, and every round of it alike (Mytkowicz et al., Producing Wrong Data
// Without Doing Anything Obviously Wrong, 2009): no interval of a time is narrower.
constexpr double kSmallestSpread = 0.02;

// The times that tables show, but for maxima, which never settle.
constexpr auto kShownTimes =
    std::to_array<const char*>({"time.create_buffer_ns.p50", "time.create_buffer_ns.p99", "time.create_image_ns.p50",
                                "time.create_image_ns.p99", "time.frame_ns.p99"});

bool is_noisy(const MetricValue& metric) { return class_of(metric) == MetricClass::noisy; }

bool is_max(std::string_view id) { return id.ends_with(".max"); }

// Of two values of a bounded metric; a missing one is worst.
bool is_worse(const MetricValue& candidate, const MetricValue& than) {
  const std::optional<double> value = as_number(candidate);
  const std::optional<double> other = as_number(than);
  if (!value || !other) return other.has_value();
  return traits_of(candidate.id).better == Better::higher ? *value < *other : *value > *other;
}

Histogram* find_histogram(Run& run, const std::string& id) {
  const auto found = std::ranges::find(run.histograms, id, &NamedHistogram::id);
  return found == run.histograms.end() ? nullptr : &found->histogram;
}

// Whether a histogram's values are times that differ from round to round.
bool is_noisy_histogram(const Run& run, const std::string& id) {
  const MetricValue* largest = run.metric(id + ".max");
  return largest != nullptr && is_noisy(*largest);
}

}  // namespace

std::uint64_t samples_needed(std::string_view id) {
  constexpr auto kNeeds =
      std::to_array<std::pair<std::string_view, std::uint64_t>>({{".p99", 1'000}, {".p999", 10'000}});
  const auto found = std::ranges::find_if(kNeeds, [&](const auto& need) { return id.ends_with(need.first); });
  return found == kNeeds.end() ? 0 : found->second;
}

std::optional<double> spread(const MetricValue& metric) {
  if (class_of(metric) != MetricClass::noisy) return 0.0;
  const std::optional<double> value = as_number(metric);
  if (!value || !metric.low || !metric.high) return std::nullopt;
  if (*value == 0) return 0.0;
  return (*metric.high - *metric.low) / 2 / *value;
}

bool is_precise(const Run& run, double most) {
  return std::ranges::all_of(kShownTimes, [&](const char* id) {
    const MetricValue* metric = run.metric(id);
    return metric == nullptr || metric->needs_n != 0 || spread(*metric).value_or(most + 1) <= most;
  });
}

std::string widest_spread(const std::vector<Run>& runs) {
  constexpr double kWorthSaying = 0.1;
  double widest = kWorthSaying;
  std::string where;
  for (const Run& run : runs) {
    for (const char* id : kShownTimes) {
      const MetricValue* metric = run.metric(id);
      if (metric == nullptr || metric->needs_n != 0 || spread(*metric).value_or(0) <= widest) continue;
      widest = *spread(*metric);
      where = fmt::format("{} of {}", id, run.strategy);
    }
  }
  if (where.empty()) return {};
  return fmt::format(
      "times differ from round to round, the most by ±{:.0f} % ({}): close other programs, or trust counts",
      widest * 100, where);
}

void Rounds::add(Run run) {
  ++count_;
  if (count_ == 1) {
    run_ = std::move(run);
    for (MetricValue& metric : run_.metrics) add_value(metric, &metric);
    return;
  }
  run_.rounds = static_cast<std::uint32_t>(count_);
  for (MetricValue& metric : run_.metrics) add_value(metric, run.metric(metric.id, metric.scope));
  for (MetricValue& metric : run.metrics) {
    if (run_.metric(metric.id, metric.scope) != nullptr) continue;
    if (class_of(metric) == MetricClass::exact && std::ranges::find(differing_, metric.id) == differing_.end())
      differing_.push_back(metric.id);
    run_.metrics.push_back(metric);
    add_value(run_.metrics.back(), &metric);
  }
  std::ranges::stable_sort(run_.metrics, {}, [](const MetricValue& metric) { return find_metric(metric.id); });
  for (const NamedHistogram& named : run.histograms) {
    if (!is_noisy_histogram(run, named.id)) continue;
    if (Histogram* merged = find_histogram(run_, named.id); merged != nullptr)
      merged->merge(named.histogram);
    else
      run_.histograms.push_back(named);
  }
  for (std::string& violation : run.checks.violations) {
    if (std::ranges::find(run_.checks.violations, violation) == run_.checks.violations.end())
      run_.checks.violations.push_back(std::move(violation));
  }
  if (run_.leaks.empty()) {
    run_.leaks = std::move(run.leaks);
    run_.leaks_dropped = run.leaks_dropped;
  }
}

void Rounds::add_value(MetricValue& metric, const MetricValue* next) {
  switch (class_of(metric)) {
    case MetricClass::exact:
      if ((next == nullptr || next->value != metric.value) &&
          std::ranges::find(differing_, metric.id) == differing_.end())
        differing_.push_back(metric.id);
      break;
    case MetricClass::bounded:
      if (next != nullptr && is_worse(*next, metric)) metric.value = next->value;
      break;
    case MetricClass::noisy: {
      Samples& samples = samples_[{metric.id, metric.scope}];
      if (next != nullptr) {
        // A maximum is of one round: of all together it would grow with their number.
        samples.n = is_max(metric.id) ? std::max(samples.n, next->n) : samples.n + next->n;
        if (const std::optional<double> value = as_number(*next))
          samples.values.insert(std::ranges::upper_bound(samples.values, *value), *value);
      }
      summarize(metric, samples);
      break;
    }
    case MetricClass::info:
      break;
  }
}

void Rounds::summarize(MetricValue& metric, const Samples& samples) const {
  metric.n = samples.n;
  const std::uint64_t needed = samples_needed(metric.id);
  metric.needs_n = samples.n < needed ? needed : 0;
  if (count_ == 1 || samples.values.empty()) return;
  const double value = median_of(samples.values);
  if (std::holds_alternative<std::uint64_t>(metric.value) && value == std::trunc(value))
    metric.value = static_cast<std::uint64_t>(value);
  else
    metric.value = value;
  metric.reason.clear();
  metric.low.reset();
  metric.high.reset();
  if (const auto ranks = interval_ranks(samples.values.size(), kConfidence)) {
    const double least = traits_of(metric.id).unit == "count" ? 0 : value * kSmallestSpread;
    metric.low = std::min(samples.values[ranks->first - 1], value - least);
    metric.high = std::max(samples.values[ranks->second - 1], value + least);
  }
}

}  // namespace vkmembench
