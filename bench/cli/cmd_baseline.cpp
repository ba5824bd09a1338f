#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <filesystem>

#include "allocator/base/os/atomic_file.h"
#include "bench/cli/commands.h"
#include "bench/cli/log.h"
#include "bench/cli/outputs.h"
#include "bench/run/exit_code.h"
#include "reports/judge/baseline.h"

namespace vkmembench {
namespace {
namespace fs = std::filesystem;

struct BaselineArguments {
  std::string verb, report, output, reason;
};

std::optional<ReportText> replaced_by(const fs::path& output) {
  if (!fs::is_regular_file(output)) return std::nullopt;
  return read_report_text(output);
}

// All reports are read before a baseline is written.
ExitCode accept(const BaselineArguments& arguments) {
  const std::string now = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  const fs::path from = arguments.report;
  const bool whole_folder = fs::is_directory(from);
  std::vector<std::pair<fs::path, std::string>> accepted;
  const std::vector<fs::path> inputs = report_files(from);
  for (const fs::path& file : inputs) {
    const fs::path output =
        whole_folder ? arguments.output / file.lexically_relative(from) : fs::path(arguments.output);
    refuse_input_as_output(output, inputs);
    accepted.emplace_back(output, accept_baseline(read_report_text(file), replaced_by(output), arguments.reason, now));
  }
  for (const auto& [output, text] : accepted) {
    if (whole_folder) make_folder(output.parent_path());
    write_file(output, text);
    log_info("baseline: " + output.string());
  }
  return ExitCode::done;
}

}  // namespace

void add_baseline(Options& options) {
  const auto arguments = std::make_shared<BaselineArguments>();
  options.choice("VERB", "accept: reports become the measure of `gate`", arguments->verb, {"accept"});
  options.text("REPORT", "report of `vkmembench run`, or a folder of them", arguments->report);
  options.required_output("-o,--output", "file (folder) of the baseline;\nthe reasons of one that it replaces are kept",
                          arguments->output);
  options.required_text("--reason", "why these figures are right, kept in the file", arguments->reason);
  options.action([arguments](const CommandContext&) { return accept(*arguments); });
}

}  // namespace vkmembench
