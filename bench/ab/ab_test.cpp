#include "bench/ab/ab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <random>

#include "allocator/base/error.h"
#include "bench/run/exit_code.h"
#include "cmake/source_dir.h"
#include "reports/judge/gate_policy_reader.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kCreate = "time.create_buffer_ns.p50";

void add(StoredRun& run, const std::string& id, double value, Better better = Better::lower) {
  StoredMetric& metric = run.metrics.emplace_back();
  metric.value.id = id;
  metric.value.value = value;
  metric.unit = "ns";
  metric.metric_class = MetricClass::noisy;
  metric.better = better;
}

// What a process of a machine would report: its time is drawn anew for each.
StoredReport report_of(double create_ns, std::uint64_t seed) {
  StoredReport report;
  report.head.status = Status::ok;
  report.head.scenario.name = "churn";
  report.head.scenario.trace_hash = seed;
  StoredRun& run = report.runs.emplace_back();
  run.status = Status::ok;
  run.strategy = "core-default";
  add(run, kCreate, create_ns);
  add(run, "time.create_buffer_ns.p99", create_ns * 3);
  add(run, "time.destroy_ns.p50", 100);
  add(run, "throughput.ops_per_s", 1e9 / create_ns, Better::higher);
  return report;
}

AbPlan plan_of(bool control = false) {
  AbPlan plan;
  plan.base = {"base", "core-default"};
  plan.candidate = {"candidate", "core-default"};
  plan.scenario = "churn";
  plan.policy = default_ab_policy();
  plan.control = control;
  return plan;
}

// A machine whose times spread by `noise` and whose candidate is slower by `effect`.
class Machine {
 public:
  Machine(double effect, double noise) : effect_(effect), noise_(noise) {}
  StoredReport operator()(const AbArm& arm, std::uint64_t seed) {
    ++processes;
    const double slowdown = arm.program == "candidate" ? 1 + effect_ : 1;
    return report_of(200 * slowdown * std::exp(noise_ * normal_(random_)), seed);
  }
  int processes = 0;

 private:
  double effect_, noise_;
  std::mt19937_64 random_{7};
  std::normal_distribution<double> normal_;
};

AbResult measured(const AbPlan& plan, Machine& machine) {
  return run_ab(plan, std::ref(machine), [](const std::string&, std::size_t, std::size_t) {});
}

ExitCode refusal_of(const AbPlan& plan, const MeasureArm& measure) {
  try {
    static_cast<void>(run_ab(plan, measure, [](const std::string&, std::size_t, std::size_t) {}));
  } catch (const Error& error) {
    return exit_code_of(error);
  }
  return ExitCode::done;
}

TEST(Ab, NoChangePassesAtTheFirstLook) {
  Machine machine(0, 0.01);
  const AbResult result = measured(plan_of(), machine);
  EXPECT_EQ(result.verdict, Verdict::passed);
  EXPECT_EQ(result.first.decision.pairs, 12U);
  EXPECT_EQ(machine.processes, 24);
  EXPECT_THAT(result.confirmation.samples, IsEmpty());
}

TEST(Ab, ASlowdownRegressesOnlyOnceFreshPairsConfirmIt) {
  Machine machine(0.1, 0.01);
  const AbResult result = measured(plan_of(), machine);
  EXPECT_EQ(result.verdict, Verdict::regressed);
  EXPECT_THAT(result.why, HasSubstr("12 of 12 pairs worse by more than 5 %"));
  EXPECT_EQ(machine.processes, 48);
  ASSERT_FALSE(result.confirmation.samples.empty());
  for (const AbSamples& samples : result.confirmation.samples)
    EXPECT_NE(samples.id, "time.destroy_ns.p50") << "only what regressed is confirmed";
}

TEST(Ab, AFailureThatFreshPairsDenyIsInconclusive) {
  int processes = 0;
  const MeasureArm measure = [&](const AbArm& arm, std::uint64_t seed) {
    return report_of(++processes <= 24 && arm.program == "candidate" ? 250 : 200, seed);
  };
  const AbResult result = run_ab(plan_of(), measure, [](const std::string&, std::size_t, std::size_t) {});
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_EQ(result.confirmation.decision.verdict, Verdict::passed);
  EXPECT_THAT(result.why, HasSubstr("did not confirm"));
}

TEST(Ab, HigherRatesAreBetter) {
  Machine machine(-0.1, 0.01);
  EXPECT_EQ(measured(plan_of(), machine).verdict, Verdict::passed);
}

TEST(Ab, AnUnfitMachineIsInconclusive) {
  Machine machine(0.5, 0.15);
  const AbResult result = measured(plan_of(true), machine);
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_THAT(result.why, HasSubstr("unfit"));
  EXPECT_EQ(machine.processes, 3 * 32);
}

TEST(Ab, AControlOfAQuietMachineLetsARegressionCount) {
  Machine machine(0.1, 0.005);
  const AbResult result = measured(plan_of(true), machine);
  EXPECT_EQ(result.verdict, Verdict::regressed);
  EXPECT_EQ(result.first.samples.front().control.size(), 12U);
}

TEST(Ab, SeedsAreThoseOfThePairAndNeverRepeat) {
  std::map<std::uint64_t, int> processes;
  const MeasureArm measure = [&](const AbArm& arm, std::uint64_t seed) {
    ++processes[seed];
    return report_of(arm.program == "candidate" ? 250 : 200, seed);
  };
  static_cast<void>(run_ab(plan_of(), measure, [](const std::string&, std::size_t, std::size_t) {}));
  EXPECT_EQ(processes.size(), 24U) << "twelve pairs, and twelve fresh ones";
  for (const auto& [seed, count] : processes) EXPECT_EQ(count, 2) << seed;
}

TEST(Ab, TailsAreShownAndNeverJudged) {
  AbPlan plan = plan_of();
  plan.policy.rules.front().metric = "time.*.p99";
  Machine machine(0.1, 0.01);
  const AbResult result = measured(plan, machine);
  EXPECT_THAT(result.warnings, testing::Contains(HasSubstr("tail")));
  for (const AbSamples& samples : result.first.samples) {
    if (samples.id.ends_with(".p99")) {
      EXPECT_EQ(samples.margin, 0) << samples.id;
    }
  }
}

TEST(Ab, WhenTheTimeIsUpThePairsMustDo) {
  AbPlan plan = plan_of();
  plan.max_seconds = 1e-12;
  Machine machine(0.5, 0.01);
  const AbResult result = measured(plan, machine);
  EXPECT_EQ(machine.processes, 2);
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_THAT(result.why, HasSubstr("--max-time"));
}

TEST(Ab, WhatCannotBeComparedIsRefused) {
  Machine machine(0, 0.01);
  AbPlan plan = plan_of();
  for (GateRule& rule : plan.policy.rules) rule.metric = "time.no_such_ns.p50";
  EXPECT_EQ(refusal_of(plan, std::ref(machine)), ExitCode::not_comparable);
  const MeasureArm other_traces = [](const AbArm& arm, std::uint64_t seed) {
    return report_of(200, arm.program == "base" ? seed : seed + 100);
  };
  EXPECT_EQ(refusal_of(plan_of(), other_traces), ExitCode::not_comparable);
  const MeasureArm zero = [](const AbArm&, std::uint64_t seed) {
    StoredReport report = report_of(200, seed);
    report.runs.front().metrics.front().value.value = std::uint64_t{0};
    return report;
  };
  EXPECT_EQ(refusal_of(plan_of(), zero), ExitCode::not_comparable);
}

// Both sides as processes of a machine that was recorded (reports/golden): the whole of `ab`, confirmation and all.
TEST(Ab, OnRecordedMeasurementsNothingRegressesFalselyAndSlowdownsAreFound) {
  struct Pair {
    double base, candidate;
  };
  std::map<std::pair<std::string, std::string>, std::vector<Pair>> recorded;  // load and effect: all gates' pairs
  std::ifstream file(source_dir() + "/reports/golden/recorded_pairs.csv");
  std::string line;
  for (std::getline(file, line); std::getline(file, line);) {
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == ',')
        cells.emplace_back();
      else
        cells.back() += c;
    }
    recorded[{cells[0], cells[1]}].push_back({std::stod(cells[4]), std::stod(cells[6])});
  }
  AbPlan plan = plan_of();
  plan.policy.rules.resize(1);
  std::map<std::string, std::map<Verdict, int>> verdicts;
  for (const auto& [key, pairs] : recorded) {
    // Enough pairs for the longest measurement and its confirmation, from neighbouring gates.
    for (std::size_t start = 0; start + 64 <= pairs.size(); start += 64) {
      const MeasureArm measure = [&recorded_pairs = pairs, start](const AbArm& arm, std::uint64_t seed) {
        const Pair& pair = recorded_pairs[start + seed - 1];
        return report_of(arm.program == "candidate" ? pair.candidate : pair.base, seed);
      };
      ++verdicts[key.second][run_ab(plan, measure, [](const std::string&, std::size_t, std::size_t) {}).verdict];
    }
  }
  EXPECT_EQ(verdicts.at("0")[Verdict::regressed], 0);
  EXPECT_EQ(verdicts.at("0")[Verdict::inconclusive], 0);
  EXPECT_GE(verdicts.at("0.1")[Verdict::regressed], 36) << "of 40";
}

}  // namespace
}  // namespace vkmembench
