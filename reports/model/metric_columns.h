#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/model/metric_table.h"

namespace vkmembench {

// A column of one of the tables, with its metric.
struct ShownColumn {
  const MetricInfo* metric = nullptr;
  const MetricColumn* column = nullptr;

  [[nodiscard]] std::string id() const;  // of the value in a report; a pattern where it is a sum
  [[nodiscard]] std::string max_id() const { return std::string(metric->id) + ".max"; }
};
// The columns that belong to a table, in its order: "console", "page", "compare", "markdown", "choice" or "best".
[[nodiscard]] std::vector<ShownColumn> columns_for(std::string_view table);

// What people call a metric or one of its statistics: "median time to create a buffer"; empty where it has no name.
[[nodiscard]] std::string metric_name(const MetricInfo& metric, std::string_view stat);

}  // namespace vkmembench
