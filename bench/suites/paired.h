#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "reports/model/statistics.h"

namespace vkmembench {

// Seconds that one call takes; whatever it prepares and does not want timed it leaves out of what it returns.
using Timed = std::function<double()>;

inline double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct PairedTimes {
  Evidence evidence;  // of candidate / base
  double best_base = std::numeric_limits<double>::infinity();
  double best_candidate = std::numeric_limits<double>::infinity();
};

// Runs base and candidate in turn, the order changing from pair to pair, after each has run once. Requires pairs >= 1.
inline PairedTimes time_pairs(const Timed& base, const Timed& candidate, int pairs) {
  base();
  candidate();
  PairedTimes times;
  std::vector<double> log_ratios;
  for (int pair = 0; pair < pairs; ++pair) {
    double of_base = 0;
    double of_candidate = 0;
    if (pair % 2 == 0) {
      of_base = base();
      of_candidate = candidate();
    } else {
      of_candidate = candidate();
      of_base = base();
    }
    log_ratios.push_back(std::log(of_candidate / of_base));
    times.best_base = std::min(times.best_base, of_base);
    times.best_candidate = std::min(times.best_candidate, of_candidate);
  }
  times.evidence = weigh(log_ratios, 0);
  return times;
}

}  // namespace vkmembench
