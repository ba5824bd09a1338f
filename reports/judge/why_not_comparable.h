#pragma once

#include <string>
#include <string_view>

#include "reports/json/report_reader.h"

namespace vkmembench {

// Why figures of two reports are no measure of each other, or of two runs of them; empty when they are.
[[nodiscard]] std::string why_not_comparable(const StoredReport& base, const StoredReport& candidate);
[[nodiscard]] std::string why_not_comparable(const StoredReport& base, const StoredRun& base_run,
                                             const StoredReport& candidate, const StoredRun& candidate_run);
// Whether a metric counts instructions, and why such counts of two reports are no measure of each other; empty when
// they are.
[[nodiscard]] bool counts_instructions(std::string_view metric);
[[nodiscard]] std::string why_counts_not_comparable(const StoredReport& base, const StoredReport& candidate);
// Why the figures of a run are no measure for any other; empty when they are.
[[nodiscard]] std::string why_not_trusted(const StoredRun& run);

}  // namespace vkmembench
