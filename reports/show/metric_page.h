#pragma once

#include <string>

namespace vkmembench {

// METRICS.md: every metric with its definition, and the symbols of the formulas, as Markdown.
[[nodiscard]] std::string metric_page();

}  // namespace vkmembench
