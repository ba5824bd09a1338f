#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "allocator/base/error.h"
#include "allocator/base/os/child_process.h"
#include "allocator/base/os/input_file.h"
#include "allocator/base/os/scratch_folder.h"
#include "bench/ab/ab.h"
#include "bench/run/exit_code.h"
#include "reports/model/histogram.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

// What a failed run means to `ab`: the codes that a run and `ab` share keep their meaning.
ExitCode code_of(int code) {
  for (const ExitCode known :
       {ExitCode::bad_input, ExitCode::check_failed, ExitCode::out_of_memory, ExitCode::no_device}) {
    if (code == static_cast<int>(known)) return known;
  }
  return ExitCode::internal;
}

std::string reason_of(const ChildEnd& end) {
  constexpr std::string_view kPrefix = "vkmembench: ";
  if (end.reason.empty()) return "it said nothing; run it by itself";
  return end.reason.starts_with(kPrefix) ? end.reason.substr(kPrefix.size()) : end.reason;
}

// Of which the worst counts.
constexpr const char* kCpuRounds = "3";

// Medians as exact as the histograms behind them allow: some clocks tick in tens of nanoseconds, which is more than the
// change that is looked for.
void refine_medians(StoredReport& report, const nlohmann::json& json) {
  constexpr std::string_view kMedian = ".p50";
  for (const nlohmann::json& histogram : json.at("runs").at(0).at("histograms")) {
    const std::string id = histogram.at("id").get<std::string>() + std::string(kMedian);
    const auto metric = std::ranges::find_if(report.runs.front().metrics, [&](const StoredMetric& one) {
      return one.value.id == id && one.value.scope.empty();
    });
    if (metric == report.runs.front().metrics.end() || histogram.at("sub_bits") != Histogram::kSubBits) continue;
    std::vector<std::pair<double, std::uint64_t>> counts;
    for (const nlohmann::json& entry : histogram.at("bins")) {
      const auto bin = entry.at(0).get<std::uint32_t>();
      const auto low = static_cast<double>(Histogram::bin_low(bin));
      const auto width = static_cast<double>(Histogram::bin_width(bin));
      counts.emplace_back(low + (width - 1) / 2, entry.at(1).get<std::uint64_t>());
    }
    if (!counts.empty()) metric->value.value = grouped_median(counts);
  }
}

}  // namespace

MeasureArm measure_by_process(const AbPlan& plan, const StopFlag& stop) {
  const auto folder = std::make_shared<ScratchFolder>();
  return [&plan, &stop, folder](const AbArm& arm, std::uint64_t seed) {
    const fs::path report = folder->path() / "report.json";
    const bool by_cpu = plan.instructions && plan.counter == InstructionCounter::hardware;
    // To stdout: a report file is flushed to the disk, which may take longer than the run.
    std::vector<std::string> argv = {arm.program,
                                     "run",
                                     plan.scenario,
                                     "--strategy",
                                     arm.strategy,
                                     "--device",
                                     plan.device,
                                     "--clock",
                                     plan.instructions ? "instructions" : "wall",
                                     "--repeat",
                                     by_cpu ? kCpuRounds : "1",
                                     "--no-snapshots",
                                     "--series",
                                     "2",
                                     "-q",
                                     "-o",
                                     "-"};
    // What is counted is what `run` counts.
    if (!plan.instructions) argv.insert(argv.end(), {"--seed", std::to_string(seed)});
    // Builds from before it know no --counter.
    if (by_cpu) argv.insert(argv.end(), {"--counter", "hardware"});
    for (const std::string& setting : plan.set) argv.insert(argv.end(), {"--set", setting});
    const ChildEnd end = run_child(argv, report, folder->path() / "stderr", stop);
    if (stop.raised())
      throw ExitError(fmt::format("interrupted: {} decides nothing; run it again",
                                  plan.instructions ? "one side alone" : "what was measured so far"),
                      static_cast<ExitCode>(128 + stop.signal()));
    // An expectation of the scenario is none of ours.
    if (end.code != 0 && end.code != static_cast<int>(ExitCode::regression))
      throw ExitError(
          fmt::format("{} --strategy {} ended with {}: {}", arm.program, arm.strategy, end.code, reason_of(end)),
          code_of(end.code));
    const ReportText text{arm.program, read_file(report)};
    if (!text.json.starts_with('{'))
      throw Error(fmt::format("{}: is no build of vkmembench: its `run -o -` printed no report; name the file of one",
                              arm.program));
    StoredReport stored = read_report(text);
    if (!stored.runs.empty()) refine_medians(stored, parse_report(text));
    return stored;
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
