#include <fmt/format.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "allocator/base/error.h"
#include "reports/show/exporters.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json) { return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n'; }

struct TimeStat {
  std::string_view suffix;
  std::string_view name;  // of Google Benchmark's aggregates; empty for the iterations' own
};
constexpr std::array kTraceStats = std::to_array<TimeStat>({{".p50", "median"}, {".mean", "mean"}, {".p99", "p99"}});

// "churn/vma".
std::string benchmark_family(const StoredReport& report, const StoredRun& run) {
  return fmt::format("{}/{}", report.head.scenario.name, run.strategy);
}
// "churn/vma/create_buffer".
std::string benchmark_name(const StoredReport& report, const StoredRun& run, std::string_view headline) {
  headline.remove_prefix(std::string_view("time.").size());
  headline.remove_suffix(std::string_view("_ns").size());
  return fmt::format("{}/{}", benchmark_family(report, run), headline);
}

void append_benchmarks(const StoredReport& report, const StoredRun& run, std::size_t repeats, Json& benchmarks) {
  for (const StoredMetric& metric : run.metrics) {
    const std::string& id = metric.value.id;
    const std::optional<double> value = as_number(metric.value);
    if (!id.starts_with("time.") || !metric.value.scope.empty() || metric.unit != "ns" || !value) continue;
    for (const TimeStat& stat : kTraceStats) {
      if (!id.ends_with(stat.suffix) || !id.substr(0, id.size() - stat.suffix.size()).ends_with("_ns")) continue;
      const std::string name = benchmark_name(report, run, id.substr(0, id.size() - stat.suffix.size()));
      benchmarks.push_back({{"name", fmt::format("{}_{}", name, stat.name)},
                            {"run_name", name},
                            {"run_type", "aggregate"},
                            {"repetitions", repeats},
                            {"threads", 1},
                            {"aggregate_name", stat.name},
                            {"aggregate_unit", "time"},
                            {"iterations", metric.value.n},
                            {"real_time", *value},
                            {"cpu_time", *value},
                            {"time_unit", "ns"}});
      // compare.py pairs what is no aggregate: the median stands for the run.
      if (stat.name == "median")
        benchmarks.push_back({{"name", name},
                              {"run_name", name},
                              {"run_type", "iteration"},
                              {"repetitions", repeats},
                              {"repetition_index", run.repeat},
                              {"threads", 1},
                              {"iterations", metric.value.n},
                              {"real_time", *value},
                              {"cpu_time", *value},
                              {"time_unit", "ns"}});
    }
  }
}

// The frames of a report have no time of their own: a frame is a 60th of a second.
constexpr double kFrameUs = 1e6 / 60;

void append_series(const nlohmann::json& run, int process, Json& events) {
  const nlohmann::json& series = run.at("series");
  const nlohmann::json& frames = series.at("frame");
  for (const auto& [id, column] : series.at("columns").items()) {
    const nlohmann::json& values = column.at("last");
    for (std::size_t i = 0; i < frames.size() && i < values.size(); ++i) {
      if (values[i].is_null()) continue;
      events.push_back({{"name", id},
                        {"ph", "C"},
                        {"pid", process},
                        {"ts", frames[i].get<double>() * kFrameUs},
                        {"args", {{"value", values[i]}}}});
    }
  }
  for (const nlohmann::json& event : run.at("events"))
    events.push_back({{"name", event.at("kind")},
                      {"ph", "i"},
                      {"s", "p"},
                      {"pid", process},
                      {"tid", 0},
                      {"ts", event.at("frame").get<double>() * kFrameUs},
                      {"args", {{"text", event.at("text")}}}});
}

}  // namespace

Exported export_google_benchmark(std::span<const ReportText> reports) {
  Json benchmarks = Json::array();
  Json context = Json::object();
  std::map<std::string, const ReportText*> owners;  // of a family of names
  for (const ReportText& text : reports) {
    const StoredReport report = read_report(text);
    if (context.empty())
      context = {{"date", report.head.created_utc},     {"executable", "vkmembench " + report.head.tool.version},
                 {"host_name", report.head.host.cpu},   {"device", report.head.device.name},
                 {"git_sha", report.head.tool.git_sha}, {"library_build_type", report.head.tool.build_type}};
    std::map<std::string, std::size_t> repeats;
    for (const StoredRun& run : report.runs) {
      ++repeats[run.strategy];
      const auto& [family, owner] = *owners.try_emplace(benchmark_family(report, run), &text).first;
      if (owner != &text)
        throw Error(fmt::format("{}: its benchmarks have the names of those of {} ({}); write a file for each",
                                text.file, owner->file, family));
    }
    for (const StoredRun& run : report.runs) append_benchmarks(report, run, repeats[run.strategy], benchmarks);
  }
  if (benchmarks.empty())
    throw Error("the reports hold no times to export as benchmarks; run without --clock model and with --timing on",
                ErrorKind::not_comparable);
  return {dumped({{"context", std::move(context)}, {"benchmarks", std::move(benchmarks)}}), {}, {}};
}

Exported export_perfetto(std::span<const ReportText> reports) {
  Json events = Json::array();
  int process = 0;
  for (const ReportText& text : reports) {
    with_report(text, [&](const nlohmann::json& json) {
      for (const nlohmann::json& run : json.at("runs")) {
        ++process;
        const std::string name = fmt::format("{} {} on {}", run.at("strategy").at("name").get<std::string>(),
                                             json.at("scenario").at("name").get<std::string>(),
                                             json.at("device").at("name").get<std::string>());
        events.push_back({{"name", "process_name"}, {"ph", "M"}, {"pid", process}, {"args", {{"name", name}}}});
        append_series(run, process, events);
      }
    });
  }
  if (process == 0)
    throw Error("the reports hold no run to export; run their scenarios again", ErrorKind::not_comparable);
  return {dumped({{"displayTimeUnit", "ms"}, {"traceEvents", std::move(events)}}), {}, {}};
}

}  // namespace vkmembench
