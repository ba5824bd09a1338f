#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <vector>

namespace vkmembench {

// Seconds that one call takes; whatever it prepares and does not want timed it leaves out of what it returns.
using Timed = std::function<double()>;

inline double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Runs base and candidate in turn, the order changing from pair to pair, and reports the median of candidate / base
// with its 95 % interval (order statistics of the sign test: from 21 pairs the 6th and the 16th).
inline void report_ratio(benchmark::State& state, const Timed& base, const Timed& candidate, double events,
                         int pairs = 21) {
  std::vector<double> ratios;
  double best_base = 1e300;
  double best_candidate = 1e300;
  for (auto iteration : state) {
    base();
    candidate();
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
      ratios.push_back(of_candidate / of_base);
      best_base = std::min(best_base, of_base);
      best_candidate = std::min(best_candidate, of_candidate);
    }
  }
  std::ranges::sort(ratios);
  const double n = static_cast<double>(ratios.size());
  const auto rank = static_cast<std::size_t>(std::max(0.0, std::floor(n / 2 - 0.98 * std::sqrt(n)) - 0));
  state.counters["ratio"] = ratios[ratios.size() / 2];
  state.counters["low"] = ratios[rank];
  state.counters["high"] = ratios[ratios.size() - 1 - rank];
  state.counters["base_ns"] = best_base * 1e9 / events;
  state.counters["candidate_ns"] = best_candidate * 1e9 / events;
}

}  // namespace vkmembench
