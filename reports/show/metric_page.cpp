#include "reports/show/metric_page.h"

#include <fmt/format.h>

#include "reports/model/metric_table.h"

namespace vkmembench {
namespace {

constexpr std::string_view kIntroduction = R"(# Metrics

<!-- Written by `vkmembench list metrics --markdown`; a test compares. -->

What a report measures. An id is `group.name_unit`, and a value may have a scope (a label, a size, a pool, ...), which its row
names. Where a metric has statistics, each is an id of its own: `time.create_buffer_ns.p99`. `n` counts the samples behind them.
`p99` takes 1,000 samples, `p999` 10,000. A value that does not exist is `null` with a reason, never 0.

The class says what a value depends on, and so how `gate` judges it:

| class | depends on |
|---|---|
| exact | trace, strategy and the device's answers |
| bounded | how threads were scheduled, too; with `--replay concurrent` every exact one but `alloc.count` and `free.count`; `instr.*` of `--counter hardware` on what interrupts the CPU |
| noisy | the time it took; under the model clock it is exact |
| info | the harness; never gated |

An object is live from its creation to the completion of its free, which is when the GPU can no longer use it. `at peak reserve`
is the moment when the most memory was reserved.

| symbol | is |
|---|---|
)";

std::string group_of(const MetricInfo& row) { return std::string(row.id.substr(0, row.id.find('.'))); }

std::string statistics_of(const MetricInfo& row) {
  if (row.stats.empty()) return "";
  return fmt::format("{}{}", row.has_headline ? "itself, " : "", row.stats);
}

std::string line(const MetricInfo& row) {
  const std::string formula = row.formula.empty() ? "" : fmt::format(": `{}`", row.formula);
  return fmt::format("| `{}` | {}{} | {} | {} | {} | {} | {} |\n", row.id, row.definition, formula, row.unit,
                     to_text(row.metric_class), to_text(row.better), row.scope, statistics_of(row));
}

}  // namespace

std::string metric_page() {
  std::string page(kIntroduction);
  for (const MetricSymbol& symbol : metric_symbols())
    page += fmt::format("| `{}` | {} |\n", symbol.symbol, symbol.meaning);
  std::string group;
  for (const MetricInfo& row : metric_table()) {
    if (group_of(row) != group) {
      group = group_of(row);
      page += fmt::format(
          "\n## {}\n\n| metric | is | unit | class | better | scope | statistics |\n|---|---|---|---|---|---|---|\n",
          group);
    }
    page += line(row);
  }
  return page;
}

}  // namespace vkmembench
