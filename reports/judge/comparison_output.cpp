#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/judge/comparison.h"
#include "reports/text/printable.h"
#include "reports/text/text_table.h"
#include "reports/text/units.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kChangedShown = 20;

// A, B, ..., Z, AA, ...
std::string letter(std::size_t i) {
  return (i < 26 ? "" : letter(i / 26 - 1)) + static_cast<char>('A' + static_cast<char>(i % 26));
}

std::string legend(const ScenarioComparison& comparison) {
  TextTable table;
  table.headings = {"", "report", "device", "tool", "clock"};
  table.text_columns = 5;
  for (std::size_t i = 0; i < comparison.reports.size(); ++i) {
    const StoredReport& report = *comparison.reports[i];
    table.rows.push_back({letter(i), report.file,
                          report.head.device.name + (report.head.device.simulated ? " (simulated)" : ""),
                          report.head.tool.git_sha, report.runs.front().clock});
  }
  return plain_table(table);
}

std::string value_text(const ComparedRow& row, const ComparedRow::Cell& cell) {
  if (!cell.value) return "n/a";
  return format_value(row.unit, *cell.value) + (cell.spread > 0 ? format_spread(cell.spread) : "") +
         (cell.too_few ? " (few)" : "");
}

TextTable table_of(const ScenarioComparison& comparison, const std::vector<ComparedRow>& rows) {
  TextTable table;
  table.headings = {"metric", "strategy"};
  table.text_columns = 2;
  const bool has_ratio_of_first = comparison.several_devices;
  for (std::size_t i = 0; i < comparison.reports.size(); ++i) {
    table.headings.push_back(letter(i));
    if (has_ratio_of_first)
      table.headings.push_back("/ " + comparison.baseline);
    else if (i > 0)
      table.headings.push_back("/ A");
  }
  std::string last;
  for (const ComparedRow& row : rows) {
    const std::string metric = row.scope.empty() ? row.metric : fmt::format("{} [{}]", row.metric, row.scope);
    std::vector<std::string> cells = {metric == last ? "" : metric, row.strategy};
    last = metric;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      cells.push_back(value_text(row, row.cells[i]));
      if (has_ratio_of_first || i > 0)
        cells.push_back(row.cells[i].ratio ? fmt::format("{:.3f}", *row.cells[i].ratio) : "n/a");
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

std::string lines(std::string_view heading, const std::vector<std::string>& texts) {
  if (texts.empty()) return {};
  std::string out = fmt::format("\n{}\n", heading);
  for (const std::string& text : texts) out += "  " + printable(text) + '\n';
  return out;
}

std::string changed_text(const ScenarioComparison& comparison, bool all) {
  if (comparison.several_devices) return {};
  if (comparison.changed.empty()) return "\nno other exact metric of these strategies differs\n";
  std::vector<ComparedRow> shown = comparison.changed;
  if (!all && shown.size() > kChangedShown) shown.resize(kChangedShown);
  std::string out = "\nother exact metrics that differ\n" + plain_table(table_of(comparison, shown));
  if (shown.size() < comparison.changed.size())
    out += fmt::format("  and {} more; -v prints them all\n", comparison.changed.size() - shown.size());
  return out;
}

std::vector<std::string> flip_lines(const ScenarioComparison& comparison) {
  std::vector<std::string> texts;
  for (const RankingFlip& flip : comparison.flips)
    texts.push_back(fmt::format("{}: {} leads {} on {}, but trails it on {}", flip.metric, flip.one, flip.other,
                                fmt::join(flip.one_leads_on, ", "), fmt::join(flip.other_leads_on, ", ")));
  return texts;
}

Json rows_json(const std::vector<ComparedRow>& rows) {
  const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); };
  Json out = Json::array();
  for (const ComparedRow& row : rows) {
    Json values = Json::array();
    Json ratios = Json::array();
    for (const ComparedRow::Cell& cell : row.cells) {
      values.push_back(number(cell.value));
      ratios.push_back(number(cell.ratio));
    }
    out.push_back({{"metric", row.metric},
                   {"scope", row.scope},
                   {"strategy", row.strategy},
                   {"unit", row.unit},
                   {"class", to_text(row.metric_class)},
                   {"values", std::move(values)},
                   {"ratios", std::move(ratios)}});
  }
  return out;
}

}  // namespace

std::string comparison_text(const std::vector<ScenarioComparison>& scenarios, bool all) {
  std::string out;
  for (const ScenarioComparison& comparison : scenarios) {
    out += fmt::format("{}{}\n{}\n", out.empty() ? "" : "\n", printable(comparison.scenario), legend(comparison));
    out += plain_table(table_of(comparison, comparison.rows));
    out += changed_text(comparison, all);
    out += lines("where the ranking of strategies flips", flip_lines(comparison));
    out += lines("how the devices' memory differs", comparison.memory);
    out += lines("notes", comparison.notes);
  }
  const bool has_noise = std::ranges::any_of(scenarios, [](const ScenarioComparison& comparison) {
    return comparison.reports.front()->runs.front().clock == "wall";
  });
  if (has_noise)
    out +=
        "\nwall times are medians over rounds, +- half of their 95 % interval; (few): a percentile of too few samples; "
        "only `vkmembench ab` can tell a change\n";
  return out;
}

std::string comparison_json(const std::vector<ScenarioComparison>& scenarios) {
  Json out = Json::array();
  for (const ScenarioComparison& comparison : scenarios) {
    Json reports = Json::array();
    for (const StoredReport* report : comparison.reports)
      reports.push_back({{"file", report->file},
                         {"device", report->head.device.name},
                         {"git_sha", report->head.tool.git_sha},
                         {"clock", report->runs.front().clock}});
    Json flips = Json::array();
    for (const RankingFlip& flip : comparison.flips)
      flips.push_back({{"metric", flip.metric},
                       {"one", flip.one},
                       {"other", flip.other},
                       {"one_leads_on", flip.one_leads_on},
                       {"other_leads_on", flip.other_leads_on}});
    out.push_back({{"scenario", comparison.scenario},
                   {"reports", std::move(reports)},
                   {"ratios_to", comparison.several_devices ? Json(comparison.baseline) : Json("first report")},
                   {"rows", rows_json(comparison.rows)},
                   {"changed", rows_json(comparison.changed)},
                   {"flips", std::move(flips)},
                   {"memory_differences", comparison.memory},
                   {"notes", comparison.notes}});
  }
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace vkmembench
