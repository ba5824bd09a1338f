#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/model/contenders.h"
#include "reports/model/report.h"

namespace vkmembench {

enum class Mark : std::uint8_t { none, best, worst };

// What a table shows of one metric of one run.
struct Cell {
  std::optional<double> value;
  std::string text;    // with its spread, where it has one
  std::string reason;  // why there is no value, or what it leaves out
  // Where the value is sure to lie: the value itself of what is exact; nothing where that is not known.
  std::optional<double> low, high;
  Mark mark = Mark::none;
};

struct Column {
  std::string title;
  int rank = 0;  // the highest goes first where the columns do not fit
  Better better = Better::lower;
  std::vector<Cell> cells;  // a run each
};

// The columns of a report's table. The best and the worst of a column are marked where they are apart from all others
// with certainty: strategies that ended and served what the others served, whose intervals overlap no other's. A
// percentile of too few samples gives way to the maximum, whose title says of how many it is.
[[nodiscard]] std::vector<Column> columns_of(const Report& report, bool utf8);

}  // namespace vkmembench
