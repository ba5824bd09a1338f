#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/exporters.h"
#include "reports/text_table.h"
#include "reports/units.h"

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

struct Column {
  const char* heading;
  const char* metric;
};
constexpr std::array kColumns = std::to_array<Column>({
    {"reserved", "mem.reserved_peak_bytes"},
    {"/ live", "mem.reserved_over_live_ratio"},
    {"frag mean", "frag.external_ratio.mean"},
    {"allocations", "api.allocate_memory_count"},
    {"buffer p50", "time.create_buffer_ns.p50"},
    {"image p50", "time.create_image_ns.p50"},
    {"frame p99", "time.frame_ns.p99"},
    {"failed", "alloc.failed_count"},
});

}  // namespace

std::string export_csv(std::span<const ReportText> reports) {
  std::string out =
      "file,scenario,device,git_sha,strategy,parameters,clock,replay,repeat,metric,scope_kind,scope,unit,class,better,"
      "value,n,reason\n";
  for (const ReportText& text : reports) {
    const StoredReport report = read_report(text);
    for (const StoredRun& run : report.runs) {
      const std::string start =
          fmt::format("{},{},{},{},{},{},{},{},{}", field(report.file), field(report.head.scenario.name),
                      field(report.head.device.name), field(report.head.tool.git_sha), field(run.strategy),
                      field(run.parameters), run.clock, run.replay, run.repeat);
      for (const StoredMetric& metric : run.metrics) {
        const MetricValue& value = metric.value;
        out += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", start, field(value.id), value.scope_kind,
                           field(value.scope), metric.unit, to_text(metric.metric_class), to_text(metric.better),
                           value_text(value), value.n, field(value.reason));
      }
    }
  }
  return out;
}

std::string export_markdown(std::span<const ReportText> reports) {
  std::string out;
  for (const ReportText& text : reports) {
    const StoredReport report = read_report(text);
    TextTable table;
    table.headings = {"strategy"};
    for (const Column& column : kColumns) table.headings.emplace_back(column.heading);
    for (const StoredRun& run : report.runs) {
      std::vector<std::string> row = {run.strategy};
      for (const Column& column : kColumns) {
        const StoredMetric* metric = run.metric(column.metric);
        const std::optional<double> value = metric == nullptr ? std::nullopt : as_number(metric->value);
        row.push_back(value ? format_value(metric->unit, *value) : "n/a");
      }
      table.rows.push_back(std::move(row));
    }
    const Report& head = report.head;
    out += fmt::format("## {} on {}\n\n", markdown_text(head.scenario.name), markdown_text(head.device.name));
    out += fmt::format("Seed {}, {} events, {} frames; vkmembench {}, status {}.\n\n", head.scenario.seed,
                       head.scenario.event_count, head.scenario.frame_count, markdown_text(head.tool.git_sha),
                       to_text(head.status));
    out += markdown_table(table) + '\n';
  }
  return out;
}

}  // namespace vkmembench
