#include "reports/model/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

struct Interval {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

Interval sign_interval(const std::vector<double>& ordered) {
  const auto ranks = interval_ranks(ordered.size(), kConfidence);
  return ranks ? Interval{ordered[ranks->first - 1], ordered[ranks->second - 1]} : Interval{};
}

}  // namespace

double median_of(std::span<const double> ascending) {
  VKMEMBENCH_CHECK(!ascending.empty(), "a median needs a value");
  const std::size_t middle = ascending.size() / 2;
  return ascending.size() % 2 == 1 ? ascending[middle] : (ascending[middle - 1] + ascending[middle]) / 2;
}

std::string_view to_text(Verdict verdict) {
  constexpr std::array<std::string_view, 3> kTexts = {"passed", "inconclusive", "regressed"};
  return kTexts[static_cast<std::size_t>(verdict)];
}

double binomial_tail(std::size_t count, std::size_t of) {
  VKMEMBENCH_CHECK(of <= 1000, "2^-of is a normal number");
  // From the far end inwards: C(of, i - 1) = C(of, i) * i / (of - i + 1).
  double term = std::ldexp(1.0, -static_cast<int>(of));
  double sum = 0;
  for (std::size_t i = of + 1; i-- > count;) {
    sum += term;
    term *= static_cast<double>(i) / static_cast<double>(of - i + 1);
  }
  return std::min(sum, 1.0);
}

std::optional<std::pair<std::size_t, std::size_t>> interval_ranks(std::size_t n, double confidence) {
  std::size_t rank = 0;
  while (2 * rank < n && 2 * binomial_tail(n - rank, n) <= 1 - confidence) ++rank;
  if (rank == 0) return std::nullopt;
  return std::pair(rank, n + 1 - rank);
}

std::vector<bool> holm(std::span<const double> p_values, double alpha) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p_values[i]; });
  std::vector<bool> rejected(p_values.size(), false);
  for (std::size_t step = 0; step < order.size(); ++step) {
    if (p_values[order[step]] > alpha / static_cast<double>(order.size() - step)) break;
    rejected[order[step]] = true;
  }
  return rejected;
}

Evidence weigh(std::span<const double> log_ratios, double margin) {
  VKMEMBENCH_CHECK(!log_ratios.empty(), "evidence needs a pair");
  std::vector<double> ordered(log_ratios.begin(), log_ratios.end());
  std::ranges::sort(ordered);
  const Interval interval = sign_interval(ordered);
  const double bound = std::log1p(margin);
  const auto count = [&](auto holds) { return static_cast<std::size_t>(std::ranges::count_if(ordered, holds)); };
  Evidence evidence;
  evidence.pairs = ordered.size();
  evidence.ratio = std::exp(median_of(ordered));
  evidence.low = std::exp(interval.low);
  evidence.high = std::exp(interval.high);
  evidence.margin = margin;
  evidence.worse = count([&](double ratio) { return ratio > bound; });
  evidence.p_regressed = binomial_tail(evidence.worse, evidence.pairs);
  evidence.p_passed = binomial_tail(count([&](double ratio) { return ratio < bound; }), evidence.pairs);
  return evidence;
}

std::string sentence(const Evidence& evidence) {
  return fmt::format("{} of {} pairs worse by more than {:.3g} %, p = {:.2g}", evidence.worse, evidence.pairs,
                     evidence.margin * 100, evidence.p_regressed);
}

double grouped_median(std::span<const std::pair<double, std::uint64_t>> counts) {
  std::uint64_t total = 0;
  for (const auto& group : counts) total += group.second;
  VKMEMBENCH_CHECK(total > 0, "a median needs a value");
  const double half = static_cast<double>(total) / 2;
  double before = 0;
  for (std::size_t i = 0;; ++i) {
    const auto count = static_cast<double>(counts[i].second);
    if (before + count < half) {
      before += count;
      continue;
    }
    const double value = counts[i].first;
    const double low = i == 0 ? value : (counts[i - 1].first + value) / 2;
    const double high = i + 1 == counts.size() ? value : (value + counts[i + 1].first) / 2;
    return count == 0 ? value : low + (half - before) / count * (high - low);
  }
}

bool is_fit(std::span<const double> control, double margin, double alpha) {
  const Evidence evidence = weigh(control, margin);
  return evidence.p_regressed > alpha && evidence.high - evidence.low <= margin;
}

Decision decide(std::span<const PairedMetric> metrics, std::span<const std::size_t> looks, bool has_control,
                double alpha) {
  VKMEMBENCH_CHECK(!metrics.empty(), "a gate that measures nothing decides nothing");
  const double alpha_a_look = alpha / static_cast<double>(looks.size());
  Decision decision;
  for (const std::size_t pairs : looks) {
    if (metrics.front().log_ratios.size() < pairs) break;
    decision.pairs = pairs;
    decision.metrics.resize(metrics.size());
    std::vector<Evidence> weighed;
    std::vector<double> p_values;
    for (const PairedMetric& metric : metrics) {
      VKMEMBENCH_CHECK(metric.log_ratios.size() >= pairs && (!has_control || metric.control.size() >= pairs),
                       "every metric and its control has as many pairs");
      weighed.push_back(weigh(std::span(metric.log_ratios).first(pairs), metric.margin));
      p_values.push_back(weighed.back().p_regressed);
    }
    const std::vector<bool> rejected = holm(p_values, alpha_a_look);
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      MetricDecision& found = decision.metrics[i];
      if (found.verdict == Verdict::passed) continue;
      found = {metrics[i].id, Verdict::inconclusive, weighed[i], false};
      found.unfit = rejected[i] && has_control &&
                    !is_fit(std::span(metrics[i].control).first(pairs), metrics[i].margin, alpha_a_look);
      if (rejected[i] && !found.unfit)
        found.verdict = Verdict::regressed;
      else if (!rejected[i] && weighed[i].p_passed <= alpha_a_look)
        found.verdict = Verdict::passed;
    }
    const auto is = [](Verdict verdict) { return [=](const MetricDecision& one) { return one.verdict == verdict; }; };
    if (std::ranges::any_of(decision.metrics, is(Verdict::regressed))) {
      decision.verdict = Verdict::regressed;
      break;
    }
    if (std::ranges::all_of(decision.metrics, is(Verdict::passed))) {
      decision.verdict = Verdict::passed;
      break;
    }
  }
  return decision;
}

}  // namespace vkmembench
