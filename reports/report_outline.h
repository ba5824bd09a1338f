#pragma once

#include <string>
#include <string_view>

#include "reports/report.h"

namespace vkmembench {

// What console_table() shows of a report, from the text of its file: scenario, device, totals of metrics, refusals and
// violations; the rest of the Report is left as it is made. Unknown keys are ignored. Throws Error, with `file` in its
// message, for text that is no JSON, no report, a report of another major version, or has a part of another type.
[[nodiscard]] Report parse_report_outline(std::string_view json, const std::string& file);

}  // namespace vkmembench
