#include <fmt/format.h>

#include "allocator/base/os/atomic_file.h"
#include "bench/cli/ci.h"
#include "bench/cli/commands.h"
#include "bench/cli/log.h"
#include "bench/cli/outputs.h"
#include "bench/run/exit_code.h"
#include "reports/judge/gate_output.h"
#include "reports/judge/gate_policy_reader.h"

namespace vkmembench {
namespace {

struct GateArguments {
  std::string base, candidate, policy, junit, summary;
};

// A gate does not pass by what it could not read.
std::vector<StoredReport> read_all(const std::string& path) {
  ReportFolder folder = read_reports(path);
  for (const std::string& problem : folder.problems) log_error(problem);
  if (!folder.problems.empty())
    throw Error(fmt::format("{}: {} of its files cannot be read; mend or remove them", path, folder.problems.size()));
  return std::move(folder.reports);
}

ExitCode run_gate(const GateArguments& arguments, const CommandContext& context) {
  const GatePolicy policy = read_gate_policy(arguments.policy);
  std::vector<std::filesystem::path> inputs = {arguments.policy};
  for (const std::string& side : {arguments.base, arguments.candidate}) {
    const std::vector<std::filesystem::path> files = report_files(side);
    inputs.insert(inputs.end(), files.begin(), files.end());
  }
  for (const std::string& output : {arguments.junit, arguments.summary}) refuse_input_as_output(output, inputs);
  const std::vector<StoredReport> base = read_all(arguments.base);
  const std::vector<StoredReport> candidate = read_all(arguments.candidate);
  const GateResult result = gate(base, candidate, policy);
  const std::string again = shell_line(context.argv);
  for (const std::string& warning : result.warnings) log_warning(warning);
  fmt::print("{}", context.json ? gate_json(result, policy, static_cast<int>(exit_code_of(result.verdict(policy))))
                                : gate_text(result, policy, again));
  if (!arguments.junit.empty()) write_file(arguments.junit, gate_junit(result, policy));
  publish({arguments.summary, gate_markdown(result, policy, again), gate_annotations(result, policy)});
  const GateVerdict verdict = result.verdict(policy);
  if (verdict == GateVerdict::passed) return ExitCode::done;
  const bool regressed = verdict == GateVerdict::regressed;
  throw ExitError(fmt::format("{}; {}", gate_sentence(result, policy),
                              regressed ? "mend it, or `vkmembench baseline accept` it with a --reason"
                                        : "measure both sides alike, or accept a new baseline"),
                  exit_code_of(verdict));
}

}  // namespace

void add_gate(Options& options) {
  const auto arguments = std::make_shared<GateArguments>();
  options.text("BASE", "report, or folder of reports, to measure against", arguments->base);
  options.text("CANDIDATE", "report, or folder of reports, to judge", arguments->candidate);
  options.required_text("--policy", "limits: `vkmembench schema gate`", arguments->policy);
  options.output("--junit", "file for the result as JUnit XML", arguments->junit);
  options.output("--summary", "file to append a Markdown summary to", arguments->summary);
  options.action([arguments](const CommandContext& context) { return run_gate(*arguments, context); });
}

}  // namespace vkmembench
