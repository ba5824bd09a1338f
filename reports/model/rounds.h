#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reports/model/report.h"

namespace vkmembench {

// The replays of one strategy, a round each, as one run: noisy metrics are medians over the rounds with the 95 %
// interval of the median by order statistics (Hollander and Wolfe, Nonparametric Statistical Methods, 3.6), bounded
// ones the worst of the rounds, exact ones the same in each; histograms of times are merged.
class Rounds {
 public:
  // Of what several rounds may list (events, snapshots, series) the first round's is kept; a violation of any is.
  // Requires runs of one strategy and trace that ended.
  void add(Run run);
  [[nodiscard]] std::size_t count() const { return count_; }
  // The run so far. Requires a round.
  [[nodiscard]] const Run& run() const { return run_; }
  // The exact metrics that differ between rounds, each once.
  [[nodiscard]] const std::vector<std::string>& differing() const { return differing_; }

 private:
  struct Samples {
    std::vector<double> values;  // a round each, ascending
    std::uint64_t n = 0;
  };
  void add_value(MetricValue& metric, const MetricValue* next);
  void summarize(MetricValue& metric, const Samples& samples) const;

  Run run_;
  std::size_t count_ = 0;
  std::map<std::pair<std::string, std::string>, Samples> samples_;  // of noisy metrics, by id and scope
  std::vector<std::string> differing_;
};

// Half the width of a metric's interval, as a share of its value: 0.08 of "1.62 us +-8 %". 0 for what is exact; nullopt
// where there is no interval.
[[nodiscard]] std::optional<double> spread(const MetricValue& metric);

// Whether every time that tables show has at most this spread; percentiles of too few samples are left out.
[[nodiscard]] bool is_precise(const Run& run, double most);
// The widest spread of those times in any run, in a sentence; empty when none is wider than a tenth.
[[nodiscard]] std::string widest_spread(const std::vector<Run>& runs);

// How many samples a percentile takes: ten beyond it. 0 for other stats.
[[nodiscard]] std::uint64_t samples_needed(std::string_view id);

}  // namespace vkmembench
