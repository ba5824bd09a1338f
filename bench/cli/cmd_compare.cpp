#include <fmt/format.h>

#include "bench/cli/commands.h"
#include "bench/cli/log.h"
#include "bench/run/exit_code.h"
#include "reports/judge/comparison.h"

namespace vkmembench {
namespace {

struct CompareArguments {
  std::string base;
  std::vector<std::string> candidates;
};

// The reports of a path; of a folder those that can be read, the others are listed.
std::vector<StoredReport> read_set(const std::string& path) {
  ReportFolder folder = read_reports(path);
  for (const std::string& problem : folder.problems) log_warning("left out: " + problem);
  if (folder.reports.empty())
    throw Error(fmt::format("{}: none of its {} files is a report that can be read", path, folder.problems.size()));
  return std::move(folder.reports);
}

ExitCode run_compare(const CompareArguments& arguments, const CommandContext& context) {
  std::vector<std::vector<StoredReport>> sets = {read_set(arguments.base)};
  for (const std::string& candidate : arguments.candidates) sets.push_back(read_set(candidate));
  const std::vector<ScenarioComparison> scenarios = compare(sets);
  fmt::print("{}", context.json ? comparison_json(scenarios) : comparison_text(scenarios, context.verbose));
  return ExitCode::done;
}

}  // namespace

void add_compare(Options& options) {
  const auto arguments = std::make_shared<CompareArguments>();
  options.text("BASE", "report, or folder of reports", arguments->base);
  options.list("CANDIDATE", "reports, or folders of them, to put beside it", arguments->candidates);
  options.action([arguments](const CommandContext& context) { return run_compare(*arguments, context); });
}

}  // namespace vkmembench
