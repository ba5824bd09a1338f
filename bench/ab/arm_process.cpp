#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "allocator/base/error.h"
#include "bench/ab/ab.h"
#include "bench/ab/child_process.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

// What a failed run means to `ab`: the codes that a run and `ab` share keep their meaning.
ExitCode code_of(int code) {
  for (const ExitCode known : {ExitCode::bad_input, ExitCode::check_failed, ExitCode::out_of_memory,
                               ExitCode::no_device, ExitCode::interrupted}) {
    if (code == static_cast<int>(known)) return known;
  }
  return ExitCode::internal;
}

std::string reason_of(const ChildEnd& end) {
  constexpr std::string_view kPrefix = "vkmembench: ";
  if (end.reason.empty()) return "it said nothing; run it by itself";
  return end.reason.starts_with(kPrefix) ? end.reason.substr(kPrefix.size()) : end.reason;
}

}  // namespace

MeasureArm measure_by_process(const AbPlan& plan, const std::atomic<int>* signal) {
  const auto folder = std::make_shared<ScratchFolder>();
  return [&plan, signal, folder](const AbArm& arm, std::uint64_t seed) {
    const fs::path report = folder->path() / "report.json";
    // To stdout: a report file is flushed to the disk, which may take longer than the run.
    std::vector<std::string> argv = {arm.program,
                                     "run",
                                     plan.scenario,
                                     "--strategy",
                                     arm.strategy,
                                     "--device",
                                     plan.device,
                                     "--seed",
                                     std::to_string(seed),
                                     "--no-snapshots",
                                     "--series",
                                     "2",
                                     "-q",
                                     "-o",
                                     "-"};
    for (const std::string& setting : plan.set) argv.insert(argv.end(), {"--set", setting});
    const ChildEnd end = run_child(argv, report, folder->path() / "stderr", signal);
    if (signal != nullptr && signal->load() != 0)
      throw Error("interrupted: the pairs measured so far decide nothing; run it again",
                  static_cast<ExitCode>(128 + signal->load()));
    // An expectation of the scenario is none of ours.
    if (end.code != 0 && end.code != static_cast<int>(ExitCode::regression))
      throw Error(
          fmt::format("{} --strategy {} ended with {}: {}", arm.program, arm.strategy, end.code, reason_of(end)),
          code_of(end.code));
    ReportText text = read_report_text(report);
    text.file = arm.program;
    return read_report(text);
  };
}

bool are_same(const AbArm& base, const AbArm& candidate) {
  for (const AbArm* arm : {&base, &candidate}) {
    std::error_code ignored;
    if (!fs::is_regular_file(arm->program, ignored))
      throw Error(fmt::format("{}: is no program; name the file of a build of vkmembench", arm->program));
  }
  if (base.strategy != candidate.strategy) return false;
  if (fs::equivalent(base.program, candidate.program)) return true;
  std::ifstream one(base.program, std::ios::binary);
  std::ifstream other(candidate.program, std::ios::binary);
  using Characters = std::istreambuf_iterator<char>;
  return fs::file_size(base.program) == fs::file_size(candidate.program) &&
         std::equal(Characters(one), Characters(), Characters(other), Characters());
}

}  // namespace vkmembench
