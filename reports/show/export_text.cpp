#include <fmt/format.h>

#include <utility>

#include "reports/judge/advice_output.h"
#include "reports/model/metric_columns.h"
#include "reports/model/rounds.h"
#include "reports/show/exporters.h"
#include "reports/text/text_table.h"
#include "reports/text/units.h"

namespace vkmembench {
namespace {

// A field as RFC 4180 has it.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string value_text(const MetricValue& metric) {
  if (const auto* integer = std::get_if<std::uint64_t>(&metric.value)) return fmt::format("{}", *integer);
  if (const auto* real = std::get_if<double>(&metric.value)) return fmt::format("{}", *real);
  return "";
}

std::string bound_text(const std::optional<double>& bound) { return bound ? fmt::format("{}", *bound) : ""; }

std::string cell(const StoredRun& run, std::string_view id) {
  const StoredMetric* metric = run.metric(id);
  const std::optional<double> value = metric == nullptr ? std::nullopt : as_number(metric->value);
  if (!value) return "n/a";
  if (metric->value.needs_n != 0) {
    const std::string max = std::string(id.substr(0, id.rfind('.'))) + ".max";
    if (const StoredMetric* largest = run.metric(max))
      return fmt::format("{} (max of {})", cell(run, max), largest->value.n);
  }
  const double wide = spread(metric->value).value_or(0);
  return format_value(metric->unit, *value) + (wide > 0 ? format_spread(wide, true) : "") +
         (metric->value.note.empty() ? "" : "\\*");
}

// What stands below a table: values that leave something out, and what the report was cut short by.
std::string notes_below(const StoredReport& report) {
  std::string out;
  for (const ShownColumn& shown : columns_for("markdown")) {
    for (const StoredRun& run : report.runs) {
      const StoredMetric* metric = run.metric(shown.id());
      if (metric == nullptr || metric->value.note.empty()) continue;
      out += fmt::format("- \\* {} of {}: {}\n", shown.column->title, markdown_text(run.strategy),
                         markdown_text(metric->value.note));
    }
  }
  for (const std::string& truncation : report.head.truncations)
    out += fmt::format("- cut short: {}\n", markdown_text(truncation));
  return out.empty() ? out : out + '\n';
}

}  // namespace

Exported export_csv(std::span<const ReportText> reports) {
  std::string out =
      "file,scenario,device,git_sha,strategy,parameters,clock,replay,rounds,metric,scope_kind,scope,unit,class,better,"
      "value,low,high,n,needs_n,reason\n";
  for (const ReportText& text : reports) {
    const StoredReport report = read_report(text);
    for (const StoredRun& run : report.runs) {
      const std::string start =
          fmt::format("{},{},{},{},{},{},{},{},{}", field(report.file), field(report.head.scenario.name),
                      field(report.head.device.name), field(report.head.tool.git_sha), field(run.strategy),
                      field(run.parameters), field(run.clock), field(run.replay), run.rounds);
      for (const StoredMetric& metric : run.metrics) {
        const MetricValue& value = metric.value;
        out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", start, field(value.id), field(value.scope_kind),
                           field(value.scope), field(metric.unit), to_text(metric.metric_class), to_text(metric.better),
                           value_text(value), bound_text(value.low), bound_text(value.high), value.n,
                           value.needs_n == 0 ? "" : std::to_string(value.needs_n), field(value.reason));
      }
    }
  }
  return {std::move(out), {}, {}};
}

Exported export_markdown(std::span<const ReportText> reports) {
  const std::vector<ShownColumn> columns = columns_for("markdown");
  std::string out;
  for (const ReportText& text : reports) {
    const StoredReport report = read_report(text);
    TextTable table;
    table.headings = {"strategy"};
    for (const ShownColumn& shown : columns) table.headings.emplace_back(shown.column->title);
    for (const StoredRun& run : report.runs) {
      std::vector<std::string> row = {run.strategy};
      for (const ShownColumn& shown : columns) row.push_back(cell(run, shown.id()));
      table.rows.push_back(std::move(row));
    }
    const Report& head = report.head;
    out += fmt::format("## {} on {}\n\n", markdown_text(head.scenario.name), markdown_text(head.device.name));
    out += fmt::format("Seed {}, {} events, {} frames; vkmembench {}, status {}.\n\n", head.scenario.seed,
                       head.scenario.event_count, head.scenario.frame_count, markdown_text(head.tool.git_sha),
                       to_text(head.status));
    out += markdown_table(table) + '\n' + notes_below(report);
    if (const std::optional<Advice> advice = advise(read_outline(text))) out += advice_markdown(*advice) + '\n';
  }
  return {std::move(out), {}, {}};
}

}  // namespace vkmembench
