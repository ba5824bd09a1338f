#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vkmembench {

constexpr double kConfidence = 0.95;  // of every interval that reports show

// The gate's statistics for noisy metrics: paired measurements judged against a margin by exact sign tests, which ask
// nothing of the noise but that pairs are independent. No pair is ever dropped. reports/golden/README.md has the rule
// and the vectors that this and the Python package are tested with.

enum class Verdict : std::uint8_t { passed, inconclusive, regressed };
[[nodiscard]] std::string_view to_text(Verdict verdict);

// P(X >= count) for X ~ Binomial(of, 1/2). Requires of <= 1 000, so that 2^-of is a number.
[[nodiscard]] double binomial_tail(std::size_t count, std::size_t of);

// The 1-based ranks of the order statistics between which the median of n values lies with at least this confidence,
// the narrowest symmetric ones; nullopt: too few values. Hollander and Wolfe, Nonparametric Statistical Methods, 3.6.
[[nodiscard]] std::optional<std::pair<std::size_t, std::size_t>> interval_ranks(std::size_t n, double confidence);

// The middle value, or the mean of the two middle ones. Requires values in ascending order, and at least one.
[[nodiscard]] double median_of(std::span<const double> ascending);

// What Holm's step-down procedure rejects, in the order of the values (Holm 1979).
[[nodiscard]] std::vector<bool> holm(std::span<const double> p_values, double alpha);

// What pairs say of one metric. Ratios are candidate / base, above 1 is worse.
struct Evidence {
  std::size_t pairs = 0;
  double ratio = 1;  // of the median pair
  double low = 0;    // 95 % interval of the median; 0 and infinity with fewer than six pairs
  double high = 0;
  double margin = 0;
  std::size_t worse = 0;   // pairs beyond 1 + margin
  double p_regressed = 1;  // of so many, if the true ratio were at most 1 + margin
  double p_passed = 1;     // of so many on this side of it, if the true ratio were at least 1 + margin
};
// Weighs ln(candidate / base) of each pair. A pair exactly on the margin counts for neither side. Requires a pair.
[[nodiscard]] Evidence weigh(std::span<const double> log_ratios, double margin);
// "17 of 20 pairs worse by more than 5 %, p = 0.0013".
[[nodiscard]] std::string sentence(const Evidence& evidence);

// The median of values that a coarse clock or a histogram's bins made equal, as if those of one value lay evenly
// between the middles to its neighbours (the median of grouped data): it moves with its values where the plain one
// jumps. `counts` are (value, how many), ascending. Requires one that is not 0.
[[nodiscard]] double grouped_median(std::span<const std::pair<double, std::uint64_t>> counts);

// The pairs of one gated metric, and of base against base beside them where there is a control arm.
struct PairedMetric {
  std::string id;
  double margin = 0.05;
  std::vector<double> log_ratios;
  std::vector<double> control;
};

struct MetricDecision {
  std::string id;
  Verdict verdict = Verdict::inconclusive;
  Evidence evidence;
  bool unfit = false;  // would have regressed, but the control arm says that the machine cannot tell
};
struct Decision {
  Verdict verdict = Verdict::inconclusive;
  std::size_t pairs = 0;  // at the look it fell; 0: fewer than the first look needs
  std::vector<MetricDecision> metrics;
};

// Whether base against base lets a regression be believed: it does not regress itself, and its interval is no wider
// than the margin.
[[nodiscard]] bool is_fit(std::span<const double> control, double margin, double alpha);

inline constexpr double kGateAlpha = 0.05;

// Judges the metrics at each look that the data reach, with alpha / looks at each: ends with the first look at which
// one regressed or all have passed. Regressions share alpha by Holm; passes need no correction, for all must pass
// (Berger 1982), and stand at later looks. With a control arm a regression at a look at which the machine is unfit is
// inconclusive, and the looks go on. Requires a metric, looks that ascend, and equally many pairs of each metric.
[[nodiscard]] Decision decide(std::span<const PairedMetric> metrics, std::span<const std::size_t> looks,
                              bool has_control, double alpha = kGateAlpha);

}  // namespace vkmembench
