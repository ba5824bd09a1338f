#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vkmembench {

enum class MetricClass : std::uint8_t { exact, bounded, noisy, info };
enum class Better : std::uint8_t { lower, higher, neither };

// Columns stand in this order, those of one group in the order of the table.
enum class ColumnGroup : std::uint8_t { memory, calls, time, outcome, host };

// One figure of a metric as tables for people show it.
struct MetricColumn {
  std::string_view title;  // over the column; empty: no column
  std::string_view stat;   // empty: the headline
  std::string_view where;  // space-separated, of: console, page, compare, markdown, choice (what the page offers), best
                           // (where the page says first who is best)
  int rank = 0;            // where the console is too narrow the highest goes first
};

// How people are shown a metric that they did not ask for.
struct MetricView {
  std::string_view name;  // in plots and lists, without stat: "time to create a buffer"; empty: its id
  ColumnGroup group = ColumnGroup::memory;
  MetricColumn columns[3] = {};
  bool is_share = false;                // a ratio that is read in percent
  std::string_view stands_in_for = {};  // the metric whose columns it takes in tables of runs that have none of that
};

// One row of `list metrics`: a headline id `group.name_unit`, the stats that hang on it, and where people see it.
struct MetricInfo {
  std::string_view id;    // without stat; api.* rows are made from the entry points
  std::string_view unit;  // bytes, count, ns, ratio, byte_frames, per_s, bytes_per_s
  MetricClass metric_class = MetricClass::exact;
  Better better = Better::lower;
  std::string_view stats;         // space-separated: "p50 p90 p99 max mean n", empty for the headline only
  bool has_headline = true;       // false: only the stats are reported
  std::string_view scope;         // heap, type, pool, lane, category, label, size, cause, kind or empty
  std::string_view definition;    // one line
  std::string_view formula = {};  // the same in the words of metric_symbols(), where that says more
  MetricView view = {};
};
[[nodiscard]] std::span<const MetricInfo> metric_table();
// The rows that have a name, by group. One beside those of the table: all calls, whose id is a pattern, "api.*_count".
[[nodiscard]] std::span<const MetricInfo> shown_metrics();

// What a formula is written in, beside numbers and operators.
struct MetricSymbol {
  std::string_view symbol;
  std::string_view meaning;
};
[[nodiscard]] std::span<const MetricSymbol> metric_symbols();

// The row of "id" or "id.stat"; nullptr when there is none.
[[nodiscard]] const MetricInfo* find_metric(std::string_view id);
// What a report says of a value beside its row: a stat may differ from its headline (`.n` is a count that is neither).
struct MetricTraits {
  std::string_view unit;
  MetricClass metric_class = MetricClass::exact;
  Better better = Better::neither;
};
// Requires an id of the table.
[[nodiscard]] MetricTraits traits_of(std::string_view id);
// Whether a metric counts instructions.
[[nodiscard]] bool counts_instructions(std::string_view id);
[[nodiscard]] std::string_view to_text(MetricClass metric_class);
[[nodiscard]] std::string_view to_text(Better better);
[[nodiscard]] std::string_view to_text(ColumnGroup group);

}  // namespace vkmembench
