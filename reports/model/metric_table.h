#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vkmembench {

enum class MetricClass : std::uint8_t { exact, bounded, noisy, info };
enum class Better : std::uint8_t { lower, higher, neither };

// One row of `list metrics`: a headline id `group.name_unit` and the stats that hang on it.
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
};
[[nodiscard]] std::span<const MetricInfo> metric_table();

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
[[nodiscard]] std::string_view to_text(MetricClass metric_class);
[[nodiscard]] std::string_view to_text(Better better);

}  // namespace vkmembench
