#include "reports/show/table_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "reports/model/metric_columns.h"
#include "reports/model/rounds.h"
#include "reports/text/units.h"

namespace vkmembench {
namespace {

using Competes = std::function<bool(const Run&)>;

// The wall clock on a simulated device sees no driver: such times rank nobody.
bool ranks_nobody(const Report& report, const Run& run, const MetricValue& metric) {
  switch (class_of(metric)) {
    case MetricClass::noisy:
      return report.device.simulated || !metric.low || !metric.high;
    case MetricClass::bounded:
      return run.replay == "concurrent";
    case MetricClass::exact:
    case MetricClass::info:
      break;
  }
  return false;
}

Cell missing(std::string reason) {
  return {.value = {}, .text = "n/a", .reason = std::move(reason), .low = {}, .high = {}};
}

class Columns {
 public:
  Columns(const Report& report, bool utf8) : report_(report), contenders_(report.runs), utf8_(utf8) {}

  std::vector<Column> make() {
    for (const ShownColumn& shown : shown_) {
      if (!is_shown(*shown.metric)) continue;
      const bool is_percentile = shown.column->stat.starts_with('p');
      const std::string title(shown.column->title);
      if (shown.column->stat == "max")
        add(shown, shown.id(), max_title(title, *shown.metric));
      else if (!is_percentile || !is_of_too_few(shown.id()))
        add(shown, shown.id(), title);
      else if (!shows_max(*shown.metric))
        add(shown, shown.max_id(), max_title(title.substr(0, title.rfind(shown.column->stat)) + "max", *shown.metric));
    }
    return std::move(columns_);
  }

 private:
  [[nodiscard]] bool any_run(const std::function<bool(const Run&)>& holds) const {
    return std::ranges::any_of(report_.runs, holds);
  }
  [[nodiscard]] bool is_of_too_few(const std::string& percentile) const {
    return any_run([&](const Run& run) {
      const MetricValue* metric = run.metric(percentile);
      return metric != nullptr && metric->needs_n != 0;
    });
  }
  // "max of 58" where the percentile beside it is of too few.
  [[nodiscard]] std::string max_title(const std::string& title, const MetricInfo& metric) const {
    const std::string id(metric.id);
    if (!is_of_too_few(id + ".p99")) return title;
    std::uint64_t n = 0;
    for (const Run& run : report_.runs) {
      if (const MetricValue* most = run.metric(id + ".max")) n = std::max(n, most->n);
    }
    return fmt::format("{} of {}", title, format_count(n));
  }

  // Whether any run has what the table shows of a metric.
  [[nodiscard]] bool is_measured(std::string_view metric) const {
    return std::ranges::any_of(shown_, [&](const ShownColumn& shown) {
      return shown.metric->id == metric && any_run([&](const Run& run) { return run.metric(shown.id()) != nullptr; });
    });
  }
  [[nodiscard]] bool shows_max(const MetricInfo& metric) const {
    return std::ranges::any_of(
        shown_, [&](const ShownColumn& shown) { return shown.metric == &metric && shown.column->stat == "max"; });
  }
  // CPU memory is shown where it was tracked; of two that stand for each other the one that was measured.
  [[nodiscard]] bool is_shown(const MetricInfo& metric) const {
    if (metric.view.group == ColumnGroup::host) return is_measured(metric.id);
    if (!metric.view.stands_in_for.empty()) return !is_measured(metric.view.stands_in_for);
    const bool has_stand_in = std::ranges::any_of(
        shown_, [&](const ShownColumn& shown) { return shown.metric->view.stands_in_for == metric.id; });
    return !has_stand_in || is_measured(metric.id);
  }

  void add(const ShownColumn& shown, const std::string& id, std::string title) {
    Column& column = columns_.emplace_back();
    column.title = std::move(title);
    column.rank = shown.column->rank;
    column.better = shown.metric->better;
    const bool is_sum = id.find('*') != std::string::npos;
    for (const Run& run : report_.runs)
      column.cells.push_back(is_sum ? sum_of(run, id, *shown.metric) : cell_of(run, id, *shown.metric));
    if (shown.metric->view.group == ColumnGroup::outcome)
      mark(column, &Contenders::ran_to_the_end);
    else
      mark(column, [this](const Run& run) { return contenders_.has(run); });
  }

  [[nodiscard]] std::string text_of(const MetricInfo& metric, double value) const {
    if (metric.view.is_share) return format_percent(value);
    if (metric.unit == "ratio") return format_ratio(value);
    if (metric.unit == "ns") return format_ns(value, utf8_);
    return format_value(std::string(metric.unit), value);
  }

  [[nodiscard]] Cell cell_of(const Run& run, const std::string& id, const MetricInfo& info) const {
    const MetricValue* metric = run.metric(id);
    if (metric == nullptr) return missing("not measured in this run");
    const std::optional<double> value = as_number(*metric);
    if (!value) return missing(metric->reason.empty() ? "not measured" : metric->reason);
    Cell cell{.value = value, .text = text_of(info, *value), .reason = {}, .low = {}, .high = {}};
    const double wide = spread(*metric).value_or(0);
    if (wide > 0) cell.text += format_spread(wide, utf8_);
    if (!metric->note.empty()) {
      cell.text += '*';
      cell.reason = metric->note;
    }
    if (ranks_nobody(report_, run, *metric)) return cell;
    cell.low = metric->low.value_or(*value);
    cell.high = metric->high.value_or(*value);
    return cell;
  }

  // Of all metrics that begin and end as the pattern does.
  [[nodiscard]] Cell sum_of(const Run& run, std::string_view pattern, const MetricInfo& info) const {
    const std::string_view begin = pattern.substr(0, pattern.find('*'));
    const std::string_view end = pattern.substr(begin.size() + 1);
    double sum = 0;
    bool found = false;
    bool ranks = true;
    for (const MetricValue& metric : run.metrics) {
      if (!metric.id.starts_with(begin) || !metric.id.ends_with(end) || !metric.scope.empty()) continue;
      const std::optional<double> value = as_number(metric);
      found |= value.has_value();
      ranks &= !ranks_nobody(report_, run, metric);
      sum += value.value_or(0);
    }
    if (!found) return missing("driver calls were not counted");
    Cell cell{.value = sum, .text = text_of(info, sum), .reason = {}, .low = {}, .high = {}};
    if (ranks) cell.low = cell.high = sum;
    return cell;
  }

  // Only where each of those that compete is known well enough. Where some leave out what others do not, only the
  // others compete.
  void mark(Column& column, const Competes& competes) const {
    if (column.better == Better::neither) return;
    std::vector<Cell*> cells;
    for (std::size_t i = 0; i < report_.runs.size(); ++i) {
      Cell& cell = column.cells[i];
      if (!cell.value || !competes(report_.runs[i])) continue;
      if (!cell.low) return;
      cells.push_back(&cell);
    }
    const auto leaves_out_other = [&](const Cell* cell) { return cell->reason != cells.front()->reason; };
    if (std::ranges::any_of(cells, leaves_out_other))
      std::erase_if(cells, [](const Cell* cell) { return !cell->reason.empty(); });
    if (cells.empty()) return;
    const auto by_value = [](const Cell* a, const Cell* b) { return *a->value < *b->value; };
    const auto [least, most] = std::ranges::minmax_element(cells, by_value);
    if ((*least)->text == (*most)->text) return;
    const bool low_is_best = column.better == Better::lower;
    mark_apart(cells, **least, low_is_best ? Mark::best : Mark::worst);
    mark_apart(cells, **most, low_is_best ? Mark::worst : Mark::best);
  }

  // Marks a cell, and those that print the same, unless another cell's interval overlaps its own.
  static void mark_apart(const std::vector<Cell*>& cells, const Cell& extreme, Mark mark) {
    const std::string text = extreme.text;
    const auto overlaps = [low = *extreme.low, high = *extreme.high](const Cell* cell) {
      return *cell->low <= high && *cell->high >= low;
    };
    const auto is_alike = [&](const Cell* cell) { return cell->text == text; };
    if (std::ranges::any_of(cells, [&](const Cell* cell) { return !is_alike(cell) && overlaps(cell); })) return;
    for (Cell* cell : cells) {
      if (is_alike(cell)) cell->mark = mark;
    }
  }

  const Report& report_;
  std::vector<ShownColumn> shown_ = columns_for("console");
  Contenders contenders_;
  bool utf8_;
  std::vector<Column> columns_;
};

}  // namespace

std::vector<Column> columns_of(const Report& report, bool utf8) { return Columns(report, utf8).make(); }

}  // namespace vkmembench
