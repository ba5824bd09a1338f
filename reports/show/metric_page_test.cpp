#include "reports/show/metric_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "cmake/source_dir.h"
#include "reports/model/metric_table.h"

namespace vkmembench {
namespace {

TEST(MetricPage, IsTheOneOfTheTree) {
  std::ifstream file(source_dir() + "/METRICS.md");
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), metric_page()) << "write it anew: vkmembench list metrics --markdown > METRICS.md";
}

TEST(MetricPage, HasEveryMetricAndSymbol) {
  const std::string page = metric_page();
  for (const MetricInfo& row : metric_table()) {
    EXPECT_THAT(page, testing::HasSubstr("\n| `" + std::string(row.id) + "` | " + std::string(row.definition)));
  }
  for (const MetricSymbol& each : metric_symbols()) {
    EXPECT_THAT(page,
                testing::HasSubstr("\n| `" + std::string(each.symbol) + "` | " + std::string(each.meaning) + " |"));
  }
}

}  // namespace
}  // namespace vkmembench
