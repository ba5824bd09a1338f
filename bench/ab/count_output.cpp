#include "bench/ab/count_output.h"

#include <fmt/format.h>

#include "bench/ab/sides.h"
#include "reports/judge/gate_output.h"
#include "reports/text/printable.h"
#include "reports/text/text_table.h"
#include "reports/text/units.h"

namespace vkmembench {
namespace {

TextTable counts_table(const GateResult& result) {
  TextTable table;
  table.headings = {"metric", "verdict", "base", "candidate", "change"};
  table.text_columns = 2;
  const auto text_of = [](const GateRow& row, const std::optional<double>& value) {
    return value ? format_value(row.unit, *value) : "";
  };
  for (const GateRow& row : result.rows)
    table.rows.push_back(
        {row.metric,
         row.why.empty() ? std::string(to_text(row.state)) : fmt::format("{}: {}", to_text(row.state), row.why),
         text_of(row, row.base), text_of(row, row.candidate),
         row.base && row.candidate ? format_change(*row.base, *row.candidate) : ""});
  return table;
}

std::string counts_heading(const AbPlan& plan, const AbCounts& counts) {
  const auto& head = counts.base.front().head;
  return printable(fmt::format("{} on {}, instructions counted once a side by {}", head.scenario.name, head.device.name,
                               plan.counter == InstructionCounter::hardware ? "the CPU" : "valgrind"));
}

Verdict verdict_of(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::passed:
      return Verdict::passed;
    case GateVerdict::regressed:
      return Verdict::regressed;
    case GateVerdict::not_comparable:
      break;
  }
  return Verdict::inconclusive;
}

}  // namespace

std::string counts_text(const AbPlan& plan, const AbCounts& counts, const std::string& again) {
  return fmt::format("{}{}\n\n{}\n{}\nagain: {}\n", sides_text(plan, counts.base.front(), counts.candidate.front()),
                     counts_heading(plan, counts), plain_table(counts_table(counts.result)),
                     gate_sentence(counts.result, counts.policy), again);
}

std::string counts_markdown(const AbPlan& plan, const AbCounts& counts, const std::string& again) {
  return fmt::format("### vkmembench ab: {}\n\nbase {}; candidate {}\n\n{}\n\n{}\n    {}\n\n",
                     markdown_text(gate_sentence(counts.result, counts.policy)),
                     markdown_text(side_text(plan.base, counts.base.front())),
                     markdown_text(side_text(plan.candidate, counts.candidate.front())),
                     markdown_text(counts_heading(plan, counts)), markdown_table(counts_table(counts.result)), again);
}

std::string counts_json(const AbPlan& plan, const AbCounts& counts) {
  nlohmann::ordered_json json =
      ab_head(plan, counts.base.front(), counts.candidate.front(), verdict_of(counts.result.verdict(counts.policy)),
              gate_sentence(counts.result, counts.policy));
  json["warnings"] = counts.result.warnings;
  json["counter"] = kInstructionCounterNames[static_cast<std::size_t>(plan.counter)];
  nlohmann::ordered_json& rows = json["counts"] = nlohmann::ordered_json::array();
  const auto number = [](const std::optional<double>& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
  };
  for (const GateRow& row : counts.result.rows)
    rows.push_back({{"id", row.metric},
                    {"base", number(row.base)},
                    {"candidate", number(row.candidate)},
                    {"state", to_text(row.state)},
                    {"why", row.why}});
  return json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace vkmembench
