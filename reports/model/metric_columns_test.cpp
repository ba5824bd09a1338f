#include "reports/model/metric_columns.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <map>
#include <set>
#include <sstream>

namespace vkmembench {
namespace {

constexpr std::string_view kTables[] = {"console", "page", "compare", "markdown", "choice", "best"};

std::set<std::string> words_of(std::string_view text) {
  std::istringstream words{std::string(text)};
  return {std::istream_iterator<std::string>(words), {}};
}

TEST(MetricColumns, SayWhichStatisticAndWhere) {
  for (const MetricInfo& metric : shown_metrics()) {
    EXPECT_FALSE(metric.view.name.empty()) << metric.id;
    for (const MetricColumn& column : metric.view.columns) {
      if (column.title.empty()) continue;
      if (column.stat.empty())
        EXPECT_TRUE(metric.has_headline) << metric.id;
      else
        EXPECT_TRUE(words_of(metric.stats).contains(std::string(column.stat))) << metric.id;
      EXPECT_FALSE(column.where.empty()) << metric.id;
      for (const std::string& table : words_of(column.where))
        EXPECT_NE(std::ranges::find(kTables, table), std::end(kTables)) << metric.id << ": " << table;
    }
  }
}

TEST(MetricColumns, AShareIsARatioAndAStandInStandsInForAnotherRowOfColumns) {
  std::map<std::string_view, const MetricInfo*> shown;
  for (const MetricInfo& metric : shown_metrics()) {
    if (!metric.view.columns[0].title.empty()) shown[metric.id] = &metric;
  }
  for (const MetricInfo& metric : metric_table()) {
    if (metric.view.is_share) {
      EXPECT_EQ(metric.unit, "ratio") << metric.id;
    }
    if (!metric.view.stands_in_for.empty()) {
      EXPECT_TRUE(shown.contains(metric.view.stands_in_for)) << metric.id;
    }
  }
}

TEST(MetricColumns, OfATableHaveTitlesOfTheirOwnUnlessTheyStandInForEachOther) {
  for (const std::string_view table : kTables) {
    std::set<std::string_view> titles;
    for (const ShownColumn& shown : columns_for(table)) {
      if (!shown.metric->view.stands_in_for.empty()) continue;
      EXPECT_TRUE(titles.insert(shown.column->title).second) << table << ": " << shown.column->title;
    }
    EXPECT_FALSE(titles.empty()) << table;
  }
}

TEST(MetricColumns, WhatOneIsBestAtIsWhatShouldBeLow) {
  for (const ShownColumn& shown : columns_for("best"))
    EXPECT_EQ(traits_of(shown.id()).better, Better::lower) << shown.id();
}

TEST(MetricColumns, StandByGroupAndThenInTheOrderOfTheTable) {
  std::vector<std::string> ids;
  for (const ShownColumn& shown : columns_for("markdown")) ids.push_back(shown.id());
  EXPECT_EQ(ids, std::vector<std::string>({"mem.reserved_peak_bytes", "mem.reserved_over_live_ratio",
                                           "frag.external_ratio.mean", "api.allocate_memory_count",
                                           "time.create_buffer_ns.p50", "time.create_image_ns.p50", "time.frame_ns.p99",
                                           "alloc.failed_count"}));
}

TEST(MetricColumns, EachOperationThatIsTimedHasAName) {
  for (const MetricInfo& metric : metric_table()) {
    const bool is_histogram = metric.id.starts_with("time.") && metric.scope.empty() && !metric.has_headline;
    if (is_histogram) {
      EXPECT_FALSE(metric.view.name.empty()) << metric.id;
    }
  }
}

TEST(MetricColumns, NamesSayTheStatistic) {
  const MetricInfo& row = *find_metric("time.create_buffer_ns.p50");
  EXPECT_EQ(metric_name(row, ""), "time to create a buffer");
  EXPECT_EQ(metric_name(row, "p50"), "median time to create a buffer");
  EXPECT_EQ(metric_name(row, "p99"), "p99 of the time to create a buffer");
  EXPECT_EQ(metric_name(row, "max"), "maximum of the time to create a buffer");
  EXPECT_EQ(metric_name(*find_metric("frag.external_ratio.mean"), "mean"), "mean external fragmentation");
  EXPECT_EQ(metric_name(*find_metric("leak.count"), ""), "");
}

}  // namespace
}  // namespace vkmembench
