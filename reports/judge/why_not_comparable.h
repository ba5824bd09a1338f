#pragma once

#include <string>

#include "reports/json/report_reader.h"

namespace vkmembench {

// Why figures of two reports are no measure of each other, or of two runs of them; empty when they are.
[[nodiscard]] std::string why_not_comparable(const StoredReport& base, const StoredReport& candidate);
[[nodiscard]] std::string why_not_comparable(const StoredReport& base, const StoredRun& base_run,
                                             const StoredReport& candidate, const StoredRun& candidate_run);
// Why their counts of instructions are no measure of each other; empty when they are.
[[nodiscard]] std::string why_counts_not_comparable(const StoredReport& base, const StoredReport& candidate);
// Why the figures of a run are no measure for any other; empty when they are.
[[nodiscard]] std::string why_not_trusted(const StoredRun& run);

}  // namespace vkmembench
