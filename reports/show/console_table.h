#pragma once

#include <string>

#include "reports/model/report.h"

namespace vkmembench {

struct TableStyle {
  bool color = false;  // ANSI colours, beside the markers and never instead of them
  std::size_t width = 100;
  bool utf8 = false;  // otherwise ASCII only
};

// A report for people: what was run, one row a strategy, and below it what the figures cannot say: values that do not
// exist and why, substitutions, warnings, refusals. The best and the worst of a column are marked; `null` is the
// harness's floor and never either. To keep within the width the least of the columns are left out, which a note says,
// and strategy names and notes are cut.
[[nodiscard]] std::string console_table(const Report& report, const TableStyle& style);

}  // namespace vkmembench
