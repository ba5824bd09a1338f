#pragma once

#include <string>

#include "reports/report.h"

namespace vkmembench {

// The report as the text of a vkmembench.report/1 file: keys in the order of the format, one metric, histogram, column
// or snapshot a line. The same report gives the same bytes. Text that is not UTF-8 is repaired, numbers that are not
// finite become null. Tags that no snapshot uses are left out. Requires every metric to have a row in the table.
[[nodiscard]] std::string to_json(const Report& report);

}  // namespace vkmembench
