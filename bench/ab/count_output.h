#pragma once

#include <string>

#include "bench/ab/ab.h"

namespace vkmembench {

// What `ab --measure instructions` counted, for a terminal, a page and scripts; `again` is the command that repeats it.
[[nodiscard]] std::string counts_text(const AbPlan& plan, const AbCounts& counts, const std::string& again);
[[nodiscard]] std::string counts_markdown(const AbPlan& plan, const AbCounts& counts, const std::string& again);
// A vkmembench.ab/1 file with `counts`.
[[nodiscard]] std::string counts_json(const AbPlan& plan, const AbCounts& counts);

}  // namespace vkmembench
