#include "bench/stress/output.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "bench/run/build_info.h"
#include "bench/run/host_info.h"
#include "reports/text/printable.h"
#include "reports/text/text_table.h"
#include "reports/text/units.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/json/schema_id.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

std::string_view replay_name(bool concurrent) { return concurrent ? "concurrent" : "ordered"; }

std::uint64_t events_of(const StressResult& result) {
  std::uint64_t events = 0;
  for (const StrategyTotals& totals : result.strategies) events += totals.events;
  return events;
}

std::string finding_text(const StressFinding& finding, const std::string& command) {
  std::string text =
      fmt::format("{} on {}, {}: {}: {}", finding.trial.strategy, finding.trial.device,
                  replay_name(finding.trial.settings.concurrent), finding.problem.kind, finding.problem.text);
  if (finding.count > 1) text += fmt::format(" ({} times)", finding.count);
  text = printable(text) + '\n';
  if (!finding.known.empty()) text += "  known: " + printable(finding.known) + '\n';
  text += printable(fmt::format("  {} events{} in {}", finding.events, finding.shrunk ? "" : ", not shrunk to the end",
                                finding.file)) +
          '\n';
  return text + "  again: " + command + '\n';
}

Json finding_json(const StressFinding& finding, const std::string& command) {
  Json json = {{"strategy", finding.trial.strategy},
               {"device", finding.trial.device},
               {"replay", replay_name(finding.trial.settings.concurrent)},
               {"kind", finding.problem.kind},
               {"text", finding.problem.text},
               {"count", finding.count},
               {"known", finding.known.empty() ? Json(nullptr) : Json(finding.known)},
               {"file", finding.file},
               {"events", finding.events},
               {"shrunk", finding.shrunk},
               {"command", command}};
  if (finding.trial.scenario.empty()) json["seed"] = finding.trial.random.seed;
  return json;
}

TextTable fault_table(const StressResult& result) {
  TextTable table;
  table.headings = {"strategy", "device", "replay", "calls", "faults reached", "refused", "failed", "lost", "served"};
  table.text_columns = 3;
  for (const StrategyTotals& totals : result.strategies) {
    for (const Json& row : totals.figures) {
      table.rows.push_back({totals.strategy, row.at("device"), std::string(replay_name(row.at("concurrent")))});
      for (const char* key :
           {"calls", "faults_reached", "request_refused", "operation_failed", "device_lost", "served_otherwise"})
        table.rows.back().push_back(row.at(key).dump());
    }
  }
  return table;
}

std::string bytes_text(const Json& bytes) { return bytes.is_null() ? "n/a" : format_bytes(bytes.get<double>()); }

TextTable min_heap_table(const StressResult& result) {
  TextTable table;
  table.headings = {"strategy", "device", "LOAD", "smallest heap", "/ LOAD", "survived below"};
  table.text_columns = 2;
  for (const StrategyTotals& totals : result.strategies) {
    for (const Json& row : totals.figures) {
      const Json& ratio = row.at("over_load_ratio");
      table.rows.push_back(
          {totals.strategy, row.at("device"), bytes_text(row.at("load_bytes")), bytes_text(row.at("min_heap_bytes")),
           ratio.is_null() ? "n/a" : fmt::format("{:.3f}", ratio.get<double>()),
           row.at("survived_below_bytes").is_null() ? "-" : bytes_text(row.at("survived_below_bytes"))});
    }
  }
  return table;
}

}  // namespace

std::string stress_text(const StressHeading& heading, const StressResult& result) {
  const StressPlan& plan = heading.plan;
  std::string text =
      plan.scenario.empty() ? fmt::format("random traces from seed {}", plan.random.seed) : printable(plan.scenario);
  text += fmt::format(", {} device{}, {} events in {:.1f} s\n\n", plan.devices.size(),
                      plan.devices.size() == 1 ? "" : "s", events_of(result), result.seconds);
  TextTable table;
  table.headings = {"strategy", "trials", "refused", "events", "failed"};
  table.text_columns = 1;
  for (const StrategyTotals& totals : result.strategies)
    table.rows.push_back({totals.strategy, std::to_string(totals.trials), std::to_string(totals.refused),
                          std::to_string(totals.events), std::to_string(totals.failed)});
  text += plain_table(table);
  if (plan.mode == "faults") text += '\n' + plain_table(fault_table(result));
  if (plan.mode == "min-heap") text += '\n' + plain_table(min_heap_table(result));
  for (std::size_t i = 0; i < result.findings.size(); ++i)
    text += '\n' + finding_text(result.findings[i], heading.commands[i]);
  return text;
}

std::string stress_json(const StressHeading& heading, const StressResult& result) {
  const StressPlan& plan = heading.plan;
  const ToolInfo tool = tool_info();
  Json replays = Json::array();
  for (const RunSettings& settings : plan.replays) replays.push_back(replay_name(settings.concurrent));
  Json strategies = Json::array();
  for (const StrategyTotals& totals : result.strategies) {
    Json row = {{"name", totals.strategy},
                {"trials", totals.trials},
                {"refused", totals.refused},
                {"events", totals.events},
                {"failed", totals.failed}};
    if (!totals.figures.empty()) row["figures"] = totals.figures;
    strategies.push_back(std::move(row));
  }
  Json findings = Json::array();
  for (std::size_t i = 0; i < result.findings.size(); ++i)
    findings.push_back(finding_json(result.findings[i], heading.commands[i]));
  const Json json = {{"schema", kStressSchema},
                     {"status", result.interrupted ? "interrupted" : "ok"},
                     {"tool",
                      {{"version", tool.version},
                       {"git_sha", tool.git_sha},
                       {"build_type", tool.build_type},
                       {"vma", std::string(build_info().vma_version)}}},
                     {"argv", heading.argv},
                     {"mode", plan.mode},
                     {"scenario", plan.scenario.empty() ? Json(nullptr) : Json(plan.scenario)},
                     {"seed", plan.random.seed},
                     {"lanes", plan.random.lanes},
                     {"max_live_bytes", plan.random.max_live_bytes},
                     {"check", plan.replays.front().check},
                     {"replays", std::move(replays)},
                     {"devices", plan.devices},
                     {"seconds", result.seconds},
                     {"events", events_of(result)},
                     {"strategies", std::move(strategies)},
                     {"findings", std::move(findings)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

StressSummary read_stress_json(const std::string& file, const std::string& text) {
  const JsonDocument document = JsonDocument::parse(text, file);
  const JsonValue root = document.root();
  check_schema(root, kStressSchema);
  return {root.at("events").integer(0, std::numeric_limits<std::uint64_t>::max()), root.at("findings").items().size()};
}

}  // namespace vkmembench
