#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reports/model/report.h"

namespace vkmembench {

// The report as the text of a vkmembench.report/1 file: keys in the order of the format, one metric, histogram, column
// or snapshot a line. The same report gives the same bytes. Text that is not UTF-8 is repaired, numbers that are not
// finite become null. Tags that no snapshot uses are left out. Requires every metric to have a row in the table.
[[nodiscard]] std::string to_json(const Report& report);
// A report that was read as JSON, laid out as to_json() does.
[[nodiscard]] std::string report_layout(const nlohmann::ordered_json& report);

}  // namespace vkmembench
