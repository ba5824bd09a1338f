#include "reports/show/table_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "reports/model/rounds.h"
#include "reports/text/units.h"

namespace vkmembench {
namespace {

using Format = std::function<std::string(double)>;

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
    const auto bytes = [](double value) { return format_bytes(value); };
    const auto count = [](double value) { return format_count(static_cast<std::uint64_t>(value)); };
    const bool has_buffers = has("time.create_buffer_ns.p50");
    const std::string kind = has_buffers ? "buffer" : "image";
    const std::string create = has_buffers ? "time.create_buffer_ns" : "time.create_image_ns";
    add_metric(0, "reserved", "mem.reserved_peak_bytes", bytes);
    add_metric(0, "/ live", "mem.reserved_over_live_ratio", format_ratio);
    add_metric(2, "frag", "frag.external_ratio", format_percent);
    add(4, "calls", [this](const Run& run) { return driver_calls(run); });
    add_time(1, kind + " p50", create + ".p50");
    if (!is_of_too_few(create + ".p99")) add_time(3, "p99", create + ".p99");
    add_time(5, max_title("max", create), create + ".max");
    if (is_of_too_few("time.frame_ns.p99"))
      add_time(1, max_title("frame max", "time.frame_ns"), "time.frame_ns.max");
    else
      add_time(1, "frame p99", "time.frame_ns.p99");
    add(
        0, "failed", [&](const Run& run) { return cell_of(run, "alloc.failed_count", count); },
        &Contenders::ran_to_the_end);
    if (has("host.peak_bytes")) {
      add_metric(1, "host/alloc", "host.bytes_per_allocation", bytes);
      add_metric(2, "host peak", "host.peak_bytes", bytes);
    }
    return std::move(columns_);
  }

 private:
  [[nodiscard]] bool any_run(const std::function<bool(const Run&)>& holds) const {
    return std::ranges::any_of(report_.runs, holds);
  }
  [[nodiscard]] bool has(const std::string& id) const {
    return any_run([&](const Run& run) { return run.metric(id) != nullptr; });
  }
  [[nodiscard]] bool is_of_too_few(const std::string& percentile) const {
    return any_run([&](const Run& run) {
      const MetricValue* metric = run.metric(percentile);
      return metric != nullptr && metric->needs_n != 0;
    });
  }
  // "max of 58" where the percentile beside it is of too few.
  [[nodiscard]] std::string max_title(const std::string& title, const std::string& headline) const {
    if (!is_of_too_few(headline + ".p99")) return title;
    std::uint64_t n = 0;
    for (const Run& run : report_.runs) {
      if (const MetricValue* metric = run.metric(headline + ".max")) n = std::max(n, metric->n);
    }
    return fmt::format("{} of {}", title, format_count(n));
  }

  using Competes = std::function<bool(const Run&)>;
  void add(int rank, std::string title, const std::function<Cell(const Run&)>& cell, const Competes& competes = {}) {
    Column& column = columns_.emplace_back();
    column.title = std::move(title);
    column.rank = rank;
    for (const Run& run : report_.runs) column.cells.push_back(cell(run));
    if (competes)
      mark(column, competes);
    else
      mark(column, [this](const Run& run) { return contenders_.has(run); });
  }
  void add_metric(int rank, std::string title, const std::string& id, const Format& format) {
    add(rank, std::move(title), [&](const Run& run) { return cell_of(run, id, format); });
  }
  void add_time(int rank, std::string title, const std::string& id) {
    add_metric(rank, std::move(title), id, [this](double value) { return format_ns(value, utf8_); });
  }

  [[nodiscard]] Cell cell_of(const Run& run, const std::string& id, const Format& format) const {
    const MetricValue* metric = run.metric(id);
    if (metric == nullptr) return missing("not measured in this run");
    const std::optional<double> value = as_number(*metric);
    if (!value) return missing(metric->reason.empty() ? "not measured" : metric->reason);
    Cell cell{.value = value, .text = format(*value), .reason = {}, .low = {}, .high = {}};
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

  [[nodiscard]] Cell driver_calls(const Run& run) const {
    double sum = 0;
    bool found = false;
    bool ranks = true;
    for (const MetricValue& metric : run.metrics) {
      if (!metric.id.starts_with("api.") || !metric.id.ends_with("_count") || !metric.scope.empty()) continue;
      const std::optional<double> value = as_number(metric);
      found |= value.has_value();
      ranks &= !ranks_nobody(report_, run, metric);
      sum += value.value_or(0);
    }
    if (!found) return missing("driver calls were not counted");
    Cell cell{.value = sum, .text = format_count(static_cast<std::uint64_t>(sum)), .reason = {}, .low = {}, .high = {}};
    if (ranks) cell.low = cell.high = sum;
    return cell;
  }

  // Only where each of those that compete is known well enough. Where some leave out what others do not, only the
  // others compete.
  void mark(Column& column, const Competes& competes) const {
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
  Contenders contenders_;
  bool utf8_;
  std::vector<Column> columns_;
};

}  // namespace

std::vector<Column> columns_of(const Report& report, bool utf8) { return Columns(report, utf8).make(); }

}  // namespace vkmembench
