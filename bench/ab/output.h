#pragma once

#include <string>

#include "bench/ab/ab.h"

namespace vkmembench {

// A result of `ab` for a terminal, a page and scripts; `again` is the command that repeats it.
[[nodiscard]] std::string ab_text(const AbPlan& plan, const AbResult& result, const std::string& again);
[[nodiscard]] std::string ab_markdown(const AbPlan& plan, const AbResult& result, const std::string& again);
// A vkmembench.ab/1 file: every pair of every metric.
[[nodiscard]] std::string ab_json(const AbPlan& plan, const AbResult& result);

}  // namespace vkmembench
