#pragma once

#include <optional>
#include <string>

#include "reports/json/report_reader.h"

namespace vkmembench {

// The report as the text of a baseline: with the reason, after those of the baseline that it replaces, if any, and
// without its series, snapshots and events, which no gate reads and which would swell a repository. Throws
// Error, not_comparable, for a report that did not end or holds no run and for one of another scenario or device than
// the baseline that it would replace, and bad_input for a blank reason.
[[nodiscard]] std::string accept_baseline(const ReportText& report, const std::optional<ReportText>& replaced,
                                          const std::string& reason, const std::string& now_utc);

}  // namespace vkmembench
