#include "reports/model/rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/model/summary.h"

namespace vkmembench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kNoisy = "time.create_buffer_ns.p50";

// A round in which a noisy metric has this value, with so many samples.
vkmembench::Run round_of(double value, std::uint64_t n = 100, const char* id = kNoisy) {
  vkmembench::Run run;
  add_metric(run, "mem.reserved_peak_bytes", std::uint64_t{4096});
  add_metric(run, id, value, {}, n);
  return run;
}

Rounds rounds_of(const std::vector<double>& values, std::uint64_t n = 100, const char* id = kNoisy) {
  Rounds rounds;
  for (const double value : values) rounds.add(round_of(value, n, id));
  return rounds;
}

TEST(Rounds, OneRoundIsThatRun) {
  const Rounds rounds = rounds_of({50});
  const MetricValue& metric = *rounds.run().metric(kNoisy);
  EXPECT_EQ(as_number(metric), 50);
  EXPECT_EQ(metric.n, 100u);
  EXPECT_FALSE(metric.low);
  EXPECT_EQ(rounds.run().rounds, 1u);
}

TEST(Rounds, NoisyMetricsAreMediansWithTheirInterval) {
  // Of six values the first and the last bound the median with 96.9 %; of nine the second and the eighth with 96.1 %.
  const MetricValue six = *rounds_of({60, 10, 40, 20, 50, 30}).run().metric(kNoisy);
  EXPECT_EQ(as_number(six), 35);
  EXPECT_EQ(six.low, 10);
  EXPECT_EQ(six.high, 60);
  EXPECT_EQ(six.n, 600u);
  const MetricValue nine = *rounds_of({90, 80, 70, 60, 50, 40, 30, 20, 10}).run().metric(kNoisy);
  EXPECT_EQ(as_number(nine), 50);
  EXPECT_EQ(nine.low, 20);
  EXPECT_EQ(nine.high, 80);
}

TEST(Rounds, FewerThanSixGiveNoInterval) {
  const MetricValue metric = *rounds_of({1, 2, 3, 4, 5}).run().metric(kNoisy);
  EXPECT_EQ(as_number(metric), 3);
  EXPECT_FALSE(metric.low);
  EXPECT_FALSE(metric.high);
  EXPECT_EQ(spread(metric), std::nullopt);
}

TEST(Rounds, NoIntervalOfATimeIsNarrowerThanAProcessCanTell) {
  const MetricValue metric = *rounds_of({100, 100, 100, 100, 100, 100}).run().metric(kNoisy);
  EXPECT_DOUBLE_EQ(*metric.low, 98);
  EXPECT_DOUBLE_EQ(*metric.high, 102);
  EXPECT_DOUBLE_EQ(*spread(metric), 0.02);
}

TEST(Rounds, PercentilesCountTheSamplesOfAllRounds) {
  const char* p99 = "time.create_buffer_ns.p99";
  EXPECT_EQ(rounds_of({5}, 999, p99).run().metric(p99)->needs_n, 1000u);
  EXPECT_EQ(rounds_of({5}, 1000, p99).run().metric(p99)->needs_n, 0u);
  EXPECT_EQ(rounds_of({5, 5}, 500, p99).run().metric(p99)->needs_n, 0u);
  EXPECT_EQ(samples_needed("time.frame_ns.p999"), 10'000u);
  EXPECT_EQ(samples_needed("time.frame_ns.p50"), 0u);
}

TEST(Rounds, UnderTheModelClockPercentilesNeedNoSamples) {
  Rounds rounds;
  vkmembench::Run run = round_of(5, 3, "time.create_buffer_ns.p99");
  run.metrics.back().metric_class = MetricClass::exact;
  rounds.add(std::move(run));
  EXPECT_EQ(rounds.run().metrics.back().needs_n, 0u);
  EXPECT_EQ(spread(rounds.run().metrics.back()), 0.0);
}

TEST(Rounds, AMaximumIsOfOneRound) {
  const MetricValue metric =
      *rounds_of({9, 7, 8}, 58, "time.create_buffer_ns.max").run().metric("time.create_buffer_ns.max");
  EXPECT_EQ(metric.n, 58u);
  EXPECT_EQ(as_number(metric), 8);
}

TEST(Rounds, BoundedMetricsAreTheWorst) {
  Rounds rounds;
  for (const std::uint64_t value : {5u, 9u, 7u}) {
    vkmembench::Run run;
    add_metric(run, "process.peak_rss_bytes", value);
    add_metric(run, "reuse.hit_ratio", static_cast<double>(value) / 10);
    run.metrics.back().metric_class = MetricClass::bounded;  // as in a concurrent replay
    rounds.add(std::move(run));
  }
  EXPECT_EQ(as_number(*rounds.run().metric("process.peak_rss_bytes")), 9);
  EXPECT_EQ(as_number(*rounds.run().metric("reuse.hit_ratio")), 0.5);
}

TEST(Rounds, ExactMetricsMustAgree) {
  Rounds rounds = rounds_of({1, 2});
  EXPECT_THAT(rounds.differing(), IsEmpty());
  for (int i = 0; i < 2; ++i) {
    vkmembench::Run other = round_of(3);
    other.metrics.front().value = std::uint64_t{8192};
    rounds.add(std::move(other));
  }
  EXPECT_THAT(rounds.differing(), ElementsAre("mem.reserved_peak_bytes"));
  EXPECT_EQ(as_number(*rounds.run().metric("mem.reserved_peak_bytes")), 4096);
}

TEST(Rounds, ExactMetricsMustBeThereInEach) {
  Rounds rounds = rounds_of({1});
  vkmembench::Run without;
  add_metric(without, "free.count", std::uint64_t{1});
  rounds.add(std::move(without));
  EXPECT_THAT(rounds.differing(), testing::UnorderedElementsAre("mem.reserved_peak_bytes", "free.count"));
}

TEST(Rounds, HistogramsOfTimesAreMergedAndOthersKept) {
  Rounds rounds;
  for (int i = 0; i < 3; ++i) {
    vkmembench::Run run;
    Histogram times;
    times.add(static_cast<std::uint64_t>(10 * (i + 1)));
    append_histogram_metrics(run, "time.create_buffer_ns", times);
    run.histograms.push_back({"time.create_buffer_ns", times});
    run.histograms.push_back({"alloc.size_bytes", times});
    rounds.add(std::move(run));
  }
  EXPECT_EQ(rounds.run().histograms[0].histogram.count(), 3u);
  EXPECT_EQ(rounds.run().histograms[0].histogram.max(), 30u);
  EXPECT_EQ(rounds.run().histograms[1].histogram.count(), 1u);
}

TEST(Rounds, AViolationOfAnyRoundStays) {
  Rounds rounds = rounds_of({1, 2});
  vkmembench::Run bad = round_of(3);
  bad.checks.violations = {"overlap of 3 and 4"};
  bad.leaks.resize(1);
  rounds.add(std::move(bad));
  EXPECT_THAT(rounds.run().checks.violations, ElementsAre("overlap of 3 and 4"));
  EXPECT_EQ(rounds.run().leaks.size(), 1u);
}

TEST(Rounds, TheWidestSpreadIsNamed) {
  std::vector<vkmembench::Run> runs = {rounds_of({100, 100, 100, 100, 100, 100}).run()};
  EXPECT_EQ(widest_spread(runs), "");
  EXPECT_TRUE(is_precise(runs[0], 0.05));
  runs.push_back(rounds_of({60, 80, 100, 100, 120, 140}).run());
  runs.back().strategy = "vma";
  EXPECT_FALSE(is_precise(runs[1], 0.05));
  EXPECT_THAT(widest_spread(runs), testing::HasSubstr("±40 % (time.create_buffer_ns.p50 of vma)"));
}

}  // namespace
}  // namespace vkmembench
