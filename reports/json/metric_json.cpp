#include "reports/json/metric_json.h"

#include <nlohmann/json.hpp>

#include "reports/model/metric_columns.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

Json columns_json(const MetricInfo& row) {
  Json columns = Json::array();
  for (const MetricColumn& column : row.view.columns) {
    if (column.title.empty()) continue;
    columns.push_back({{"id", ShownColumn{&row, &column}.id()},
                       {"title", column.title},
                       {"name", metric_name(row, column.stat)},
                       {"where", column.where}});
  }
  return columns;
}

}  // namespace

std::string metric_json(std::span<const MetricInfo> rows, int indent) {
  Json out = Json::array();
  for (const MetricInfo& row : rows) {
    out.push_back({{"id", row.id},
                   {"unit", row.unit},
                   {"class", to_text(row.metric_class)},
                   {"better", to_text(row.better)},
                   {"scope", row.scope},
                   {"stats", row.stats},
                   {"definition", row.definition},
                   {"formula", row.formula},
                   {"name", row.view.name},
                   {"group", to_text(row.view.group)},
                   {"place", static_cast<int>(row.view.group)},
                   {"is_share", row.view.is_share},
                   {"stands_in_for", row.view.stands_in_for},
                   {"columns", columns_json(row)}});
  }
  return out.dump(indent);
}

}  // namespace vkmembench
