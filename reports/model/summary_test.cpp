#include "reports/model/summary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reports/account/memory_account_fixture.h"

namespace vkmembench {
namespace {

Histogram one_to(std::uint64_t n) {
  Histogram histogram;
  for (std::uint64_t i = 1; i <= n; ++i) histogram.add(i);
  return histogram;
}

TEST(Summary, StatsOfAHistogram) {
  vkmembench::Run run;
  append_histogram_metrics(run, "time.create_buffer_ns", one_to(100));
  EXPECT_EQ(value_of(run, "time.create_buffer_ns.p50"), 50.0);
  EXPECT_EQ(value_of(run, "time.create_buffer_ns.p90"), 90.0);
  EXPECT_EQ(value_of(run, "time.create_buffer_ns.p99"), 99.0);
  EXPECT_EQ(value_of(run, "time.create_buffer_ns.max"), 100.0);
  EXPECT_EQ(value_of(run, "time.create_buffer_ns.mean"), 50.5);
  EXPECT_EQ(value_of(run, "time.create_buffer_ns.n"), 100.0);
  EXPECT_EQ(run.metric("time.create_buffer_ns.p50")->n, 100u);
  EXPECT_EQ(run.metric("time.create_buffer_ns.p999"), nullptr);
  EXPECT_EQ(run.metrics.size(), 6u);
}

TEST(Summary, TheLastPerMilleNeedsTenThousand) {
  vkmembench::Run run;
  append_histogram_metrics(run, "time.destroy_ns", one_to(9'999));
  EXPECT_EQ(run.metric("time.destroy_ns.p999"), nullptr);
  append_histogram_metrics(run, "time.map_ns", one_to(10'000));
  EXPECT_NEAR(value_of(run, "time.map_ns.p999"), 9990.0, 0.008 * 9990.0);
}

TEST(Summary, OnlyTheStatsOfTheTable) {
  vkmembench::Run run;
  append_histogram_metrics(run, "time.frame_ns", one_to(20'000));
  EXPECT_EQ(run.metrics.size(), 3u);
  append_histogram_metrics(run, "time.by_cause_ns", one_to(3), {"cause", "hit"});
  EXPECT_EQ(run.metrics.size(), 6u);
  EXPECT_EQ(value_of(run, "time.by_cause_ns.max", "hit"), 3.0);
  EXPECT_EQ(run.metric("time.by_cause_ns.max"), nullptr);
  append_histogram_metrics(run, "time.upload_ns", Histogram());
  EXPECT_EQ(run.metrics.size(), 6u);
}

TEST(Summary, NonFiniteBecomesNullWithAReason) {
  vkmembench::Run run;
  add_metric(run, "frag.rss_ratio", std::nan(""));
  add_metric(run, "frag.internal_ratio", std::numeric_limits<double>::infinity());
  add_null_metric(run, "mem.retention_ratio", "nothing was reserved");
  EXPECT_EQ(reason_of(run, "frag.rss_ratio"), "not a finite number");
  EXPECT_EQ(reason_of(run, "frag.internal_ratio"), "not a finite number");
  EXPECT_EQ(reason_of(run, "mem.retention_ratio"), "nothing was reserved");
}

}  // namespace
}  // namespace vkmembench
