#include "reports/model/metric_columns.h"

namespace vkmembench {
namespace {

// Whether a word stands in a text of words that spaces divide.
bool has_word(std::string_view text, std::string_view word) {
  const std::string padded = std::string(" ").append(text).append(" ");
  return padded.find(std::string(" ").append(word).append(" ")) != std::string::npos;
}

}  // namespace

std::string ShownColumn::id() const {
  std::string text(metric->id);
  if (!column->stat.empty()) text.append(".").append(column->stat);
  return text;
}

std::vector<ShownColumn> columns_for(std::string_view table) {
  std::vector<ShownColumn> columns;
  for (const MetricInfo& metric : shown_metrics()) {
    for (const MetricColumn& column : metric.view.columns) {
      if (has_word(column.where, table)) columns.push_back({&metric, &column});
    }
  }
  return columns;
}

std::string metric_name(const MetricInfo& metric, std::string_view stat) {
  const std::string name(metric.view.name);
  if (stat.empty() || name.empty()) return name;
  if (stat == "p50") return "median " + name;
  if (stat == "mean") return "mean " + name;
  if (stat == "max") return "maximum of the " + name;
  return std::string(stat).append(" of the ").append(name);
}

}  // namespace vkmembench
