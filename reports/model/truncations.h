#pragma once

#include <string>
#include <vector>

#include "reports/model/report.h"

namespace vkmembench {

// What runs leave out to keep a report small, one line a kind: "snapshots leave out 12 blocks, most of dedicated (10)".
[[nodiscard]] std::vector<std::string> truncations_of(const std::vector<Run>& runs);

}  // namespace vkmembench
