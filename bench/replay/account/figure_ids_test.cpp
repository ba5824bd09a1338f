#include "bench/replay/account/figure_ids.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "reports/model/metric_table.h"

namespace vkmembench {
namespace {

TEST(FigureIds, AreRowsOfTheMetricTableEachItsOwn) {
  std::set<std::string> seen;
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(Figure::count); ++i) {
    const std::string id(metric_id(static_cast<Figure>(i)));
    const MetricInfo* info = find_metric(id);
    ASSERT_NE(info, nullptr) << id;
    EXPECT_EQ(is_ratio(static_cast<Figure>(i)), info->unit == "ratio") << id;
    EXPECT_TRUE(seen.insert(id).second) << id;
  }
}

}  // namespace
}  // namespace vkmembench
