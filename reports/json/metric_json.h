#pragma once

#include <span>
#include <string>

#include "reports/model/metric_table.h"

namespace vkmembench {

// Rows of the metric table as a JSON array: what `list metrics --json` prints, and what the page and the Python package
// know of names and columns.
[[nodiscard]] std::string metric_json(std::span<const MetricInfo> rows, int indent = -1);

}  // namespace vkmembench
