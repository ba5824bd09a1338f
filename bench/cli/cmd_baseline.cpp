#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <ctime>
#include <filesystem>

#include "allocator/base/atomic_file.h"
#include "bench/cli/commands.h"
#include "reports/baseline.h"

namespace vkmembench {
namespace {

struct BaselineArguments {
  std::string verb, report, output, reason;
};

ExitCode accept(const BaselineArguments& arguments) {
  const ReportText report = read_report_text(arguments.report);
  std::optional<ReportText> replaced;
  if (std::filesystem::is_regular_file(arguments.output)) replaced = read_report_text(arguments.output);
  const std::string now = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  write_file(arguments.output, accept_baseline(report, replaced, arguments.reason, now));
  spdlog::info("baseline: {}", arguments.output);
  return ExitCode::done;
}

}  // namespace

void add_baseline(Options& options) {
  const auto arguments = std::make_shared<BaselineArguments>();
  options.choice("VERB", "accept: the report becomes the measure of `gate`", arguments->verb, {"accept"});
  options.text("REPORT", "report of `vkmembench run`", arguments->report);
  options.required_text("-o,--output", "file of the baseline;\nthe reasons of one that it replaces are kept",
                        arguments->output);
  options.required_text("--reason", "why these figures are right, kept in the file", arguments->reason);
  options.action([arguments](const CommandContext&) { return accept(*arguments); });
}

}  // namespace vkmembench
