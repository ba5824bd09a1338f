#include "reports/model/advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/base/bytes.h"
#include "reports/judge/advice_output.h"
#include "reports/model/summary.h"

namespace vkmembench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Figures {
  std::string strategy;
  Bytes reserved = 0;
  double driver_ns = 0, worst_ns = 0, frame_ns = 0;
};

// As of the model clock, where everything is exact.
Report modelled(const std::vector<Figures>& all) {
  Report report;
  report.status = Status::ok;
  report.device.simulated = true;
  report.scenario.frame_count = 100;
  for (const Figures& figures : all) {
    vkmembench::Run& run = report.runs.emplace_back();
    run.strategy = figures.strategy;
    run.clock = "model";
    run.replay = "ordered";
    add_metric(run, "alloc.failed_count", std::uint64_t{0});
    add_metric(run, "mem.required_peak_bytes", 2 * kGiB);
    add_metric(run, "mem.reserved_peak_bytes", figures.reserved);
    add_metric(run, "time.create_buffer_ns.max", figures.worst_ns);
    add_metric(run, "time.driver_ns", figures.driver_ns);
    add_metric(run, "time.frame_ns.p99", figures.frame_ns);
    for (MetricValue& metric : run.metrics) metric.metric_class = MetricClass::exact;
  }
  return report;
}

// As of the wall clock on a real GPU, with half an interval's width as a share of each time.
Report measured(const std::vector<Figures>& all, double half_width) {
  Report report = modelled(all);
  report.device.simulated = false;
  for (vkmembench::Run& run : report.runs) {
    run.clock = "wall";
    for (MetricValue& metric : run.metrics) {
      if (!metric.id.starts_with("time.")) continue;
      metric.metric_class = MetricClass::noisy;
      metric.low = *as_number(metric) * (1 - half_width);
      metric.high = *as_number(metric) * (1 + half_width);
    }
  }
  return report;
}

const std::vector<Figures> kThree = {{"dedicated", 455 * kMiB, 4e9, 352'000, 10e6},
                                     {"vma", 704 * kMiB, 50e6, 3'600'000, 2e6},
                                     {"core-memory", 454 * kMiB, 950e6, 514'000, 8e6}};

std::vector<std::string> front_of(const Advice& advice) {
  std::vector<std::string> names;
  for (const Advice::Choice& choice : advice.front) names.push_back(choice.strategy);
  return names;
}

TEST(Advice, TheFrontIsWhatNoOtherBeats) {
  std::vector<Figures> all = kThree;
  all.push_back({"core-bad", 705 * kMiB, 51e6, 3'700'000, 2e6});  // in nothing better than vma, in three worse
  const auto advice = advise(modelled(all));
  ASSERT_TRUE(advice);
  EXPECT_THAT(front_of(*advice), ElementsAre("core-memory", "dedicated", "vma")) << "the least reserve first";
  ASSERT_THAT(advice->rejected, SizeIs(1));
  EXPECT_EQ(advice->rejected[0].strategy, "core-bad");
  EXPECT_EQ(advice->rejected[0].by, "vma");
}

TEST(Advice, SaysWhatEachGivesAndCostsAgainstVma) {
  const auto advice = advise(modelled(kThree));
  ASSERT_TRUE(advice);
  EXPECT_EQ(advice->base, "vma");
  EXPECT_EQ(advice->front[0].text, "250 MiB less, driver time 19 ×, worst create 1/7, frame p99 4.0 ×");
  EXPECT_EQ(advice->front[2].text, "704 MiB, 50.0 ms in the driver, worst create 3.60 ms, frame p99 2.00 ms");
  EXPECT_EQ(advise(modelled(kThree), false)->front[0].text,
            "250 MiB less, driver time 19 x, worst create 1/7, frame p99 4.0 x");
}

TEST(Advice, StrategiesWithTheSameFiguresStandTogether) {
  std::vector<Figures> all = kThree;
  all.push_back(kThree[1]);
  all.back().strategy = "vma-twin";
  const auto advice = advise(modelled(all));
  ASSERT_TRUE(advice);
  EXPECT_THAT(advice->front[2].alike, ElementsAre("vma-twin"));
}

TEST(Advice, AsksWhatOnlyTheUserKnows) {
  const auto advice = advise(modelled(kThree));
  ASSERT_TRUE(advice);
  ASSERT_THAT(advice->questions, SizeIs(2));
  EXPECT_EQ(
      advice->questions[0],
      "What is memory worth to you? core-memory takes 250 MiB less than vma, for 900 ms more in the driver: 9.00 ms "
      "a frame of this scenario.");
  EXPECT_THAT(advice->questions[1], HasSubstr("At worst 352 µs with dedicated, 3.60 ms with vma"));
}

TEST(Advice, NobodyIsBeatenWithinNoise) {
  const std::vector<Figures> close = {{"vma", 700 * kMiB, 100, 100, 100}, {"core", 700 * kMiB, 90, 90, 90}};
  const auto apart = advise(measured(close, 0.04));
  ASSERT_TRUE(apart);
  EXPECT_THAT(front_of(*apart), ElementsAre("core"));
  const auto within = advise(measured(close, 0.06));
  ASSERT_TRUE(within);
  EXPECT_THAT(front_of(*within), ElementsAre("vma", "core"));
  EXPECT_EQ(within->front[1].text, "the same reserve, driver time alike, worst create alike, frame p99 alike");
}

TEST(Advice, ThereIsNoneWhereTimesRankNobody) {
  Report no_intervals = measured(kThree, 0.01);
  for (vkmembench::Run& run : no_intervals.runs) {
    for (MetricValue& metric : run.metrics) metric.low = metric.high = std::nullopt;
  }
  EXPECT_FALSE(advise(no_intervals));
  Report simulated = measured(kThree, 0.01);
  simulated.device.simulated = true;
  EXPECT_FALSE(advise(simulated));
  Report checked = measured(kThree, 0.01);
  checked.warnings.emplace_back("checked", "");
  EXPECT_FALSE(advise(checked));
  EXPECT_FALSE(advise(modelled({kThree[0]})));
  EXPECT_FALSE(advise(Report{}));
}

TEST(Advice, WhoRefusesMoreThanOthersOrDoesNotEndIsNotCompared) {
  std::vector<Figures> all = kThree;
  all.push_back({"null", 0, 0, 0, 0});
  all.push_back({"tiny", kMiB, 1, 1, 1});
  all.push_back({"slow", kMiB, 1, 1, 1});
  Report report = modelled(all);
  report.runs[4].metrics.front().value = std::uint64_t{12};
  report.runs[5].status = Status::timeout;
  const auto advice = advise(report);
  ASSERT_TRUE(advice);
  EXPECT_THAT(front_of(*advice), ElementsAre("core-memory", "dedicated", "vma"));
  ASSERT_THAT(advice->rejected, SizeIs(2));
  EXPECT_EQ(advice->rejected[0].why, "it refused 12 requests");
  EXPECT_EQ(advice->rejected[1].why, "it did not end (timeout)");
}

TEST(Advice, ReadsWellOnATerminalAndAsMarkdown) {
  std::vector<Figures> all = kThree;
  all.push_back({"core-bad", 705 * kMiB, 51e6, 3'700'000, 2e6});
  const auto advice = advise(modelled(all));
  ASSERT_TRUE(advice);
  const std::vector<std::string> lines = advice_lines(*advice);
  EXPECT_EQ(lines[0],
            "Which strategy, and why (against vma): no other beats these in all of reserve, driver time, worst create, "
            "frames");
  EXPECT_EQ(lines[1], "  core-memory  250 MiB less, driver time 19 ×, worst create 1/7, frame p99 4.0 ×");
  EXPECT_EQ(lines[4], "  beaten: core-bad by vma");
  const std::string markdown = advice_markdown(*advice);
  EXPECT_THAT(markdown, HasSubstr("### Which strategy, and why\n"));
  EXPECT_THAT(markdown, HasSubstr("- **core\\-memory**: 250 MiB less"));
}

}  // namespace
}  // namespace vkmembench
