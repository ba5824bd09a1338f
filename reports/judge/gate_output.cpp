#include "reports/judge/gate_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "reports/text/printable.h"
#include "reports/text/text_table.h"
#include "reports/text/units.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostAnnotations = 10;

std::string place_of(const GateRow& row) { return row.scenario + " on " + row.device; }

std::string metric_of(const GateRow& row) {
  return row.scope.empty() ? row.metric : fmt::format("{} [{}]", row.metric, row.scope);
}

// Both values in their unit; to the last digit where that would not tell them apart.
std::pair<std::string, std::string> values_of(const GateRow& row) {
  const auto text = [&](const std::optional<double>& value) {
    return value ? format_value(row.unit, *value) : std::string("none");
  };
  std::pair<std::string, std::string> texts(text(row.base), text(row.candidate));
  if (texts.first == texts.second && row.base != row.candidate)
    texts = {fmt::format("{:.17g}", *row.base), fmt::format("{:.17g}", *row.candidate)};
  return texts;
}

std::string verdict_of(const GateRow& row) {
  return row.why.empty() ? std::string(to_text(row.state)) : fmt::format("{}: {}", to_text(row.state), row.why);
}

TextTable table_of(const GateResult& result) {
  TextTable table;
  table.headings = {"where", "strategy", "metric", "base", "candidate", "change", "verdict"};
  table.text_columns = 3;
  for (const GateRow& row : result.rows) {
    if (row.state == GateState::same) continue;
    const auto [base, candidate] = values_of(row);
    const bool has_both = row.base && row.candidate;
    table.rows.push_back({place_of(row), row.strategy, metric_of(row), row.metric.empty() ? "" : base,
                          row.metric.empty() ? "" : candidate, has_both ? format_change(*row.base, *row.candidate) : "",
                          verdict_of(row)});
  }
  return table;
}

std::string counts_of(const GateResult& result) {
  return fmt::format(
      "{} judged: {} the same, {} changed, {} improved, {} missing, {} not comparable, {} regressed; "
      "{} not gated, {} without a value, {} noisy (only `vkmembench ab` can judge these)",
      result.rows.size(), result.count(GateState::same), result.count(GateState::changed),
      result.count(GateState::improved), result.count(GateState::missing), result.count(GateState::not_comparable),
      result.count(GateState::regressed), result.not_gated, result.without_value, result.noisy);
}

bool fails(const GateRow& row, const GatePolicy& policy) {
  return row.state == GateState::regressed || row.state == GateState::not_comparable ||
         (row.state == GateState::missing && policy.on_missing == Reaction::fail);
}

// Of which strategy a row is, where; rows of whole reports are of none.
std::string subject_of(const GateRow& row) {
  return row.strategy.empty() ? place_of(row) : fmt::format("{} {}", place_of(row), row.strategy);
}

std::string evidence_of(const GateRow& row) {
  if (row.metric.empty()) return printable(fmt::format("{}: {}", subject_of(row), verdict_of(row)));
  const auto [base, candidate] = values_of(row);
  return printable(
      fmt::format("{}: {}: {} -> {}, {}", subject_of(row), metric_of(row), base, candidate, verdict_of(row)));
}

// Text that an XML 1.0 document may hold, on one line.
std::string xml(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// The message of a workflow command on one line, in which GitHub's runner decodes what follows a %.
std::string command_text(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '%' ? "%25" : std::string(1, c);
  return out;
}

}  // namespace

std::string gate_sentence(const GateResult& result, const GatePolicy& policy) {
  const GateVerdict verdict = result.verdict(policy);
  if (verdict == GateVerdict::passed)
    return fmt::format("passed: {} metrics hold their limits", result.rows.size() - result.count(GateState::missing));
  if (result.rows.empty())
    return result.without_value > 0 ? "nothing was measured: no gated metric has a value"
                                    : "nothing was measured: no metric of the reports is gated";
  const auto failing = [&](const GateRow& row) { return fails(row, policy); };
  const auto worst = std::find_if(result.rows.rbegin(), result.rows.rend(), failing);
  if (worst == result.rows.rend()) return "nothing was measured: every gated metric is missing";
  return fmt::format("{}, the worst: {}",
                     verdict == GateVerdict::regressed
                         ? fmt::format("{} regressed", result.count(GateState::regressed))
                         : fmt::format("{} cannot be compared", std::ranges::count_if(result.rows, failing)),
                     evidence_of(*worst));
}

std::string gate_text(const GateResult& result, const GatePolicy& policy, const std::string& again) {
  const TextTable table = table_of(result);
  std::string text;
  if (!table.rows.empty()) text += plain_table(table) + '\n';
  for (const std::string& note : result.notes) text += printable(note) + '\n';
  text += counts_of(result) + '\n' + gate_sentence(result, policy) + '\n';
  return text + "again: " + again + '\n';
}

std::string gate_markdown(const GateResult& result, const GatePolicy& policy, const std::string& again) {
  const TextTable table = table_of(result);
  std::string text = "### vkmembench gate: " + markdown_text(gate_sentence(result, policy)) + "\n\n";
  if (!table.rows.empty()) text += markdown_table(table) + '\n';
  for (const std::string& note : result.notes) text += markdown_text(note) + "\n\n";
  return text + markdown_text(counts_of(result)) + "\n\n    " + again + "\n\n";
}

std::string gate_json(const GateResult& result, const GatePolicy& policy, int exit_code) {
  Json rows = Json::array();
  const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); };
  for (const GateRow& row : result.rows)
    rows.push_back({{"scenario", row.scenario},
                    {"device", row.device},
                    {"strategy", row.strategy},
                    {"metric", row.metric},
                    {"scope", row.scope},
                    {"unit", row.unit},
                    {"base", number(row.base)},
                    {"candidate", number(row.candidate)},
                    {"state", to_text(row.state)},
                    {"why", row.why}});
  const Json json = {{"verdict", gate_sentence(result, policy)},
                     {"exit", exit_code},
                     {"not_gated", result.not_gated},
                     {"without_value", result.without_value},
                     {"noisy", result.noisy},
                     {"warnings", result.warnings},
                     {"notes", result.notes},
                     {"rows", std::move(rows)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string gate_junit(const GateResult& result, const GatePolicy& policy) {
  struct Case {
    std::size_t judged = 0;
    std::string failure, error;  // evidence, as XML
    std::size_t failures = 0, errors = 0;
  };
  std::map<std::string, std::map<std::string, Case>> suites;
  for (const GateRow& row : result.rows) {
    Case& one = suites[place_of(row)][row.strategy.empty() ? "report" : row.strategy];
    ++one.judged;
    if (!fails(row, policy)) continue;
    const bool regressed = row.state == GateState::regressed;
    (regressed ? one.failure : one.error) += xml(evidence_of(row)) + '\n';
    ++(regressed ? one.failures : one.errors);
  }
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vkmembench gate\">\n";
  for (const auto& [place, cases] : suites) {
    const auto count = [&suite = cases](std::size_t Case::*member) {
      return std::ranges::count_if(suite, [&](const auto& one) { return one.second.*member > 0; });
    };
    text += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n", xml(place),
                        cases.size(), count(&Case::failures), count(&Case::errors));
    for (const auto& [strategy, one] : cases) {
      text += fmt::format("    <testcase classname=\"{}\" name=\"{}\">\n", xml(place), xml(strategy));
      if (one.failures > 0)
        text += fmt::format("      <failure message=\"{} regressed\">{}</failure>\n", one.failures, one.failure);
      if (one.errors > 0)
        text += fmt::format("      <error message=\"{} not comparable\">{}</error>\n", one.errors, one.error);
      text += fmt::format("      <system-out>{} metrics judged</system-out>\n    </testcase>\n", one.judged);
    }
    text += "  </testsuite>\n";
  }
  if (suites.empty())
    text +=
        "  <testsuite name=\"gate\" tests=\"1\" failures=\"0\" errors=\"1\">\n    <testcase name=\"gate\">\n"
        "      <error message=\"nothing was measured\"/>\n    </testcase>\n  </testsuite>\n";
  return text + "</testsuites>\n";
}

std::vector<std::string> gate_annotations(const GateResult& result, const GatePolicy& policy) {
  std::vector<std::string> lines;
  for (auto found = result.rows.rbegin(); found != result.rows.rend(); ++found) {
    const GateRow& row = *found;
    if (lines.size() == kMostAnnotations) break;
    if (fails(row, policy))
      lines.push_back("::error title=vkmembench gate::" + command_text(evidence_of(row)));
    else if (row.state == GateState::missing)
      lines.push_back("::warning title=vkmembench gate::" + command_text(evidence_of(row)));
    else if (row.state == GateState::improved && policy.on_improved_exact != Reaction::ignore)
      lines.push_back(fmt::format("::{} title=vkmembench gate::{}",
                                  policy.on_improved_exact == Reaction::warn ? "warning" : "notice",
                                  command_text(evidence_of(row))));
  }
  return lines;
}

}  // namespace vkmembench
