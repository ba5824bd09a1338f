#include "reports/show/device_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "reports/model/contenders.h"
#include "reports/text/text_table.h"
#include "reports/text/units.h"

namespace vkmembench {
namespace {

std::optional<double> figure(const Run* run, const char* metric) {
  if (run == nullptr || !Contenders::ran_to_the_end(*run)) return std::nullopt;
  const MetricValue* found = run->metric(metric);
  return found == nullptr ? std::nullopt : as_number(*found);
}

const Run* run_of(const Report& report, const std::string& strategy) {
  const auto run = std::ranges::find(report.runs, strategy, &Run::strategy);
  return run == report.runs.end() ? nullptr : &*run;
}

std::string text_of(std::optional<double> value, std::string (*format)(double)) { return value ? format(*value) : "-"; }
std::string ratio_of(std::optional<double> value, std::optional<double> to) {
  return value && to && *to > 0 ? format_ratio(*value / *to) : "-";
}

// Strategies of any report, in the order that they come in.
std::vector<std::string> strategies_of(std::span<const Report* const> reports) {
  std::vector<std::string> names;
  for (const Report* report : reports)
    for (const Run& run : report->runs)
      if (run.strategy != kFloorStrategy && std::ranges::find(names, run.strategy) == names.end())
        names.push_back(run.strategy);
  const auto usual = std::ranges::find(names, "vma");
  if (usual != names.end()) std::rotate(names.begin(), usual, usual + 1);
  return names;
}

std::string matrix_of(std::span<const Report* const> reports) {
  constexpr const char* kBytes = "mem.reserved_peak_bytes";
  constexpr const char* kTime = "time.driver_ns";
  const std::vector<std::string> names = strategies_of(reports);
  if (names.size() < 2) return {};
  TextTable table{{"device", names.front()}, {}, 1};
  table.headings.insert(table.headings.end(), names.begin() + 1, names.end());
  for (const Report* report : reports) {
    const Run* base = run_of(*report, names.front());
    const std::optional<double> bytes = figure(base, kBytes);
    const std::optional<double> time = figure(base, kTime);
    std::vector<std::string> row = {
        report->device.name,
        fmt::format("{}, {}", text_of(bytes, format_bytes), text_of(time, [](double ns) { return format_ns(ns); }))};
    for (auto name = names.begin() + 1; name != names.end(); ++name) {
      const Run* run = run_of(*report, *name);
      row.push_back(fmt::format("{}, {}", ratio_of(figure(run, kBytes), bytes), ratio_of(figure(run, kTime), time)));
    }
    table.rows.push_back(std::move(row));
  }
  return fmt::format("{} on {} devices: memory reserved and time in the driver, against each device's own {}\n\n{}",
                     reports.front()->scenario.name, reports.size(), names.front(), plain_table(table));
}

}  // namespace

std::string device_matrix(std::span<const Report* const> reports) {
  std::string out;
  std::set<std::string_view> done;
  for (const Report* first : reports) {
    if (!done.insert(first->scenario.name).second) continue;
    std::vector<const Report*> same;
    for (const Report* report : reports)
      if (report->scenario.name == first->scenario.name) same.push_back(report);
    if (same.size() < 2) continue;
    const std::string matrix = matrix_of(same);
    if (!matrix.empty()) out += (out.empty() ? "" : "\n") + matrix;
  }
  return out;
}

}  // namespace vkmembench
