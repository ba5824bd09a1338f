#pragma once

#include <compare>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/model/metric_table.h"
#include "reports/model/report.h"

namespace vkmembench {

// The text of a report as it stands in its file.
struct ReportText {
  std::string file;
  std::string json;
};

// A metric with what its report says of it: the tool that wrote it may know other metrics than this one.
struct StoredMetric {
  MetricValue value;
  std::string unit;
  MetricClass metric_class = MetricClass::info;
  Better better = Better::neither;
};
// What tells a metric from the others of its run.
struct MetricKey {
  std::string_view id, scope_kind, scope;
  auto operator<=>(const MetricKey&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 sees a 0 in it
};
// Refers to the metric.
[[nodiscard]] MetricKey key_of(const StoredMetric& metric);

struct StoredRun {
  std::string strategy;
  std::string parameters;  // compact JSON
  Status status = Status::failed;
  std::optional<std::uint64_t> events_done;  // how far a run came that did not reach its end
  std::string clock;
  std::string replay;
  std::uint32_t rounds = 1;
  std::uint32_t repeat = 0;  // of reports that list each round as a run of its own
  std::vector<StoredMetric> metrics;

  // nullptr when the run has none.
  [[nodiscard]] const StoredMetric* metric(std::string_view id, std::string_view scope = {}) const;
  // Of a metric's total; nullopt when it is missing or null.
  [[nodiscard]] std::optional<double> number(std::string_view id) const;
};
// When and why a report became a baseline.
struct Acceptance {
  std::string accepted_utc;
  std::string reason;
};

// What comparisons need of a report: all but histograms, series, snapshots and events.
struct StoredReport {
  std::string file;
  std::string name;  // without .json, and without the folder that was read
  Report head;       // without runs; of limits those that decide where memory goes
  std::vector<StoredRun> runs;
  std::vector<Acceptance> baseline;  // oldest first; empty unless the report was accepted as a baseline
};

// The report in a text, as JSON. Throws Error that names the file for text that is no JSON (or cut short, or with a
// NaN), nested too deeply, no report, or a report of another major version.
[[nodiscard]] nlohmann::json parse_report(const ReportText& text);
// Calls read() with that JSON, whose parts may be missing: what read() or nlohmann then throws becomes an Error that
// says that the report is damaged.
void with_report(const ReportText& text, const std::function<void(const nlohmann::json&)>& read);
// What comparisons need of it. Unknown keys are ignored. Throws Error, besides, for parts that are missing or of
// another type, for runs and metrics that are there twice, and for bytes and counts below 0.
[[nodiscard]] StoredReport read_report(const ReportText& text);
// What console_table() shows of it: status, names, totals of metrics, events, violations and warnings; the rest of the
// Report is left as it is made. Throws Error likewise, but takes runs that are there twice and reads no hashes.
[[nodiscard]] Report read_outline(const ReportText& text);

// The bytes of a report's file, without a byte order mark, decompressed when its name ends in `.zst`. Throws Error when
// it is missing, unreadable, a folder or empty.
[[nodiscard]] ReportText read_report_text(const std::filesystem::path& file);

// A file alone, or every *.json below a folder, by name. Throws Error, not_comparable, for a folder without *.json.
[[nodiscard]] std::vector<std::filesystem::path> report_files(const std::filesystem::path& path);

// What the files below a path hold.
struct ReportFolder {
  std::vector<StoredReport> reports;  // by path
  std::vector<std::string> problems;  // one line for each file that could not be read
};
// Of report_files(path); a folder's bad files are listed and left out, a single bad file throws, as report_files does.
[[nodiscard]] ReportFolder read_reports(const std::filesystem::path& path);

}  // namespace vkmembench
