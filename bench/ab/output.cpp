#include "bench/ab/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "bench/ab/sides.h"
#include "reports/text/printable.h"
#include "reports/text/text_table.h"
#include "reports/text/units.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

const MetricDecision* decision_of(const AbRound& round, const std::string& id) {
  const auto found = std::ranges::find(round.decision.metrics, id, &MetricDecision::id);
  return found == round.decision.metrics.end() ? nullptr : &*found;
}

// Of candidate / base. The evidence has the inverse where higher is better, so that above 1 is worse.
std::string interval_of(const AbSamples& samples, const Evidence& evidence) {
  const bool inverse = samples.better == Better::higher;
  return fmt::format("{:.3f} .. {:.3f}", inverse ? 1 / evidence.high : evidence.low,
                     inverse ? 1 / evidence.low : evidence.high);
}

TextTable table_of(const AbRound& round) {
  TextTable table;
  table.headings = {"metric", "evidence", "verdict", "base", "candidate", "ratio", "95 % interval"};
  table.text_columns = 3;
  for (const AbSamples& samples : round.samples) {
    const MetricDecision* decision = decision_of(round, samples.id);
    std::vector<std::string> row = {samples.id, "", samples.margin == 0 ? "not judged" : "no look yet"};
    if (decision != nullptr) {
      row[1] = sentence(decision->evidence);
      row[2] = decision->unfit ? "inconclusive: machine unfit" : std::string(to_text(decision->verdict));
    }
    const double base = median(samples.base);
    const double candidate = median(samples.candidate);
    row.push_back(format_value(samples.unit, base));
    row.push_back(format_value(samples.unit, candidate));
    row.push_back(fmt::format("{:.3f}", candidate / base));
    row.push_back(decision == nullptr ? "" : interval_of(samples, decision->evidence));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string verdict_line(const AbResult& result) {
  return printable(fmt::format("{}: {}", to_text(result.verdict), result.why));
}

std::size_t pairs_of(const AbRound& round) { return round.samples.empty() ? 0 : round.samples.front().base.size(); }

std::string heading(const AbPlan& plan, const AbResult& result) {
  return printable(fmt::format("{} on {}, {} pairs of fresh processes{}, {:.1f} s",
                               result.base_report.head.scenario.name, result.base_report.head.device.name,
                               pairs_of(result.first) + pairs_of(result.confirmation),
                               plan.control ? " with a control" : "", result.seconds));
}

Json round_json(const AbRound& round) {
  Json metrics = Json::array();
  for (const AbSamples& samples : round.samples) {
    Json row = {{"id", samples.id},
                {"unit", samples.unit},
                {"better", to_text(samples.better)},
                {"margin", samples.margin == 0 ? Json(nullptr) : Json(samples.margin)}};
    if (const MetricDecision* decision = decision_of(round, samples.id)) {
      const Evidence& evidence = decision->evidence;
      row["verdict"] = to_text(decision->verdict);
      row["unfit"] = decision->unfit;
      row["evidence"] = {
          {"pairs", evidence.pairs},      {"ratio", evidence.ratio},
          {"low", evidence.low},          {"high", std::isfinite(evidence.high) ? Json(evidence.high) : Json(nullptr)},
          {"worse", evidence.worse},      {"p_regressed", evidence.p_regressed},
          {"p_passed", evidence.p_passed}};
    }
    row["base"] = samples.base;
    row["candidate"] = samples.candidate;
    if (!samples.control.empty()) row["control"] = samples.control;
    metrics.push_back(std::move(row));
  }
  return {{"pairs", pairs_of(round)}, {"time_up", round.time_up}, {"metrics", std::move(metrics)}};
}

}  // namespace

std::string ab_text(const AbPlan& plan, const AbResult& result, const std::string& again) {
  std::string text = sides_text(plan, result.base_report, result.candidate_report);
  if (!result.same) text += heading(plan, result) + '\n';
  if (!result.first.samples.empty()) text += '\n' + plain_table(table_of(result.first));
  if (!result.confirmation.samples.empty())
    text += "\nconfirmation with fresh pairs\n" + plain_table(table_of(result.confirmation));
  return text + '\n' + verdict_line(result) + "\nagain: " + again + '\n';
}

std::string ab_markdown(const AbPlan& plan, const AbResult& result, const std::string& again) {
  std::string text = "### vkmembench ab: " + markdown_text(verdict_line(result)) + "\n\n";
  text += markdown_text(fmt::format("base {}; candidate {}", side_text(plan.base, result.base_report),
                                    side_text(plan.candidate, result.candidate_report)));
  text += "\n\n";
  if (!result.same) text += markdown_text(heading(plan, result)) + "\n\n";
  if (!result.first.samples.empty()) text += markdown_table(table_of(result.first)) + '\n';
  if (!result.confirmation.samples.empty())
    text += "Confirmation with fresh pairs\n\n" + markdown_table(table_of(result.confirmation)) + '\n';
  return text + "    " + again + "\n\n";
}

std::string ab_json(const AbPlan& plan, const AbResult& result) {
  Json json = ab_head(plan, result.base_report, result.candidate_report, result.verdict, result.why);
  json["same"] = result.same;
  json["control"] = plan.control;
  json["order_seed"] = plan.order_seed;
  json["seconds"] = result.seconds;
  json["warnings"] = result.warnings;
  json["first"] = round_json(result.first);
  if (!result.confirmation.samples.empty()) json["confirmation"] = round_json(result.confirmation);
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace vkmembench
