#include "bench/doctor/noise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "allocator/base/error.h"
#include "allocator/base/os/own_program.h"
#include "bench/ab/ab.h"
#include "reports/judge/gate_policy_reader.h"

namespace vkmembench {
namespace {

constexpr double kLongestNoise = 6;
constexpr double kMargin = 0.05;

// Base against itself, of the metric that pairs tell the least of.
struct Noise {
  double change = 0;
  std::size_t pairs = 0;
};

Noise measure_noise(const StopFlag& stop) {
  AbPlan plan;
  plan.base = {own_program().string(), "core-default"};
  plan.candidate = plan.base;
  plan.scenario = "churn";
  plan.device = "sim:amd-rx-6600";
  plan.set = {"scale=0.1"};
  plan.policy = default_ab_policy();
  plan.max_seconds = kLongestNoise;
  // One look, so that every doctor measures as much.
  for (GateRule& rule : plan.policy.rules) rule.looks = {12};
  const AbResult result =
      run_ab(plan, measure_by_process(plan, stop), [](const std::string&, std::size_t, std::size_t) {});
  Noise noise;
  for (const AbSamples& samples : result.first.samples) {
    if (samples.margin == 0) continue;
    std::vector<double> ratios;
    for (std::size_t i = 0; i < samples.base.size(); ++i)
      ratios.push_back(std::log(samples.candidate[i] / samples.base[i]));
    noise.pairs = ratios.size();
    noise.change = std::max(noise.change, smallest_visible_change(ratios, kMargin));
  }
  return noise;
}

}  // namespace

double smallest_visible_change(std::vector<double> control_log_ratios, double margin) {
  // Base and control are alike, so a pair is as likely to lean one way as the other.
  const std::size_t pairs = control_log_ratios.size();
  for (std::size_t i = 0; i < pairs; ++i) control_log_ratios.push_back(-control_log_ratios[i]);
  std::ranges::sort(control_log_ratios);
  const double fifth = control_log_ratios[control_log_ratios.size() / 5];
  return std::exp(std::log1p(margin) - fifth) - 1;
}

Finding examine_noise(const StopFlag& stop) {
  Noise noise;
  try {
    noise = measure_noise(stop);
  } catch (const Error& error) {
    if (stop.raised()) throw;
    return {false, fmt::format("noise: not measured: {}", error.what()), "mend what is said, then run doctor again"};
  }
  const std::string what =
      fmt::format("noise: of {} pairs of this program against itself; ab sees a change of {:.1f} % or more here",
                  noise.pairs, noise.change * 100);
  if (noise.change <= 2 * kMargin) return {true, what, {}};
  return {false, what + ", and calls 10 % inconclusive",
          "stop other programs, fix the CPU's frequency, or use another machine"};
}

}  // namespace vkmembench
