#include <fmt/format.h>

#include <array>

#include "bench/cli/commands.h"
#include "bench/cli/log.h"
#include "bench/fleet/matrix.h"
#include "bench/run/exit_code.h"
#include "bench/run/run_scenario.h"
#include "bench/run/strategy_list.h"
#include "bench/stress/output.h"
#include "reports/json/report_reader.h"
#include "reports/judge/gate_policy_reader.h"
#include "reports/text/printable.h"
#include "reports/text/units.h"
#include "scenarios/json/file_kind.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/json/problems.h"
#include "scenarios/json/schema_id.h"
#include "scenarios/profiles/profile_reader.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

struct Input {
  const std::string& file;
  const std::string& text;
};

std::string describe_trace(const std::string& file) {
  const Trace trace = expand(load_scenario(file, {}), {});
  return fmt::format("trace, {} events, hash {}", trace.events.size(), format_hash(trace.hash));
}

std::string describe_scenario(const Input& input) {
  const Scenario scenario = load_scenario(input.file, {});
  check_expectations_known(scenario);
  for (const std::string& glob : globs_without_match(scenario, {})) log_warning(glob);
  const Trace trace = expand(scenario, {});
  return fmt::format("scenario, {} events, {} frames, hash {}", trace.events.size(), trace.frame_count,
                     format_hash(trace.hash));
}

std::string describe_profile(const Input& input) {
  return fmt::format("device profile, {}", parse_profile(input.text, input.file).name);
}

std::string describe_report(const Input& input) {
  const StoredReport report = read_report({input.file, input.text});
  return fmt::format("report, {} on {}, {} runs", report.head.scenario.name, report.head.device.name,
                     report.runs.size());
}

std::string describe_stress(const Input& input) {
  const StressSummary report = read_stress_json(input.file, input.text);
  return fmt::format("stress report, {} events, {} findings", report.events, report.findings);
}

std::string describe_policy(const Input& input) {
  return fmt::format("policy, {} rules", read_gate_policy(input.file).rules.size());
}

std::string describe_matrix(const Input& input) {
  const ExpandedMatrix made = expand_matrix(input.file, ".", 0, [](const std::string&) {});
  for (const std::string& note : made.notes) log_warning(note);
  return fmt::format("matrix, {} cells", made.plan.cells.size());
}

std::string describe_plan(const Input& input) {
  return fmt::format("plan, {} cells", read_plan_file(input.file).cells.size());
}

// Each checks the schema itself, with its version.
struct Format {
  std::string_view schema;
  std::string (*describe)(const Input& input);
};
constexpr auto kFormats = std::to_array<Format>({
    {kDeviceSchema, describe_profile},
    {kReportSchema, describe_report},
    {kStressSchema, describe_stress},
    {kGateSchema, describe_policy},
    {kMatrixSchema, describe_matrix},
    {kPlanSchema, describe_plan},
});

// What a file is, in a few words, once it is known to be good. Throws Error.
std::string describe_valid(const std::string& file) {
  if (file.ends_with(".jsonl") || file.ends_with(".jsonl.zst")) return describe_trace(file);
  const std::string text = read_text_file(file);
  refuse_other_kind(text, file, "");
  const JsonDocument document = JsonDocument::parse(text, file);
  const auto schema = document.root().is_object() ? document.root().find("schema") : std::nullopt;
  if (!schema && document.root().is_object() && document.root().find("preset"))
    return fmt::format("strategy, {}", load_strategy_file(file).name);
  const std::string id = schema && schema->is_string() ? schema->text() : "";
  for (const Format& format : kFormats) {
    if (schema_name(format.schema) == schema_name(id)) return format.describe({file, text});
  }
  return describe_scenario({file, text});
}

ExitCode validate(const std::vector<std::string>& files) {
  if (files.size() == 1) {
    fmt::print("{}: valid {}\n", files.front(), describe_valid(files.front()));
    return ExitCode::done;
  }
  std::vector<std::string> bad;
  for (const std::string& file : files) {
    try {
      fmt::print("{}: valid {}\n", file, describe_valid(file));
    } catch (const SeveralErrors& errors) {
      bad.push_back(file);
      for (const std::string& line : errors.lines()) fmt::print(stderr, "{}\n", printable(line));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::bad_input) throw;
      bad.push_back(file);
      fmt::print(stderr, "{}\n", printable(error.what()));
    }
  }
  if (!bad.empty())
    throw Error(fmt::format("{} of {} files {} not valid, beginning with {}; mend what is said of each", bad.size(),
                            files.size(), bad.size() == 1 ? "is" : "are", bad.front()));
  return ExitCode::done;
}

}  // namespace

void add_validate(Options& options) {
  const auto files = std::make_shared<std::vector<std::string>>();
  options.list("FILE", "scenarios, traces, profiles, strategies,\npolicies, matrices, plans, reports", *files);
  options.action([files](const CommandContext&) { return validate(*files); });
}

}  // namespace vkmembench
