#include "bench/cli/run_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "bench/cli/listening.h"
#include "bench/cli/log.h"
#include "bench/cli/progress.h"
#include "bench/fleet/attempt.h"
#include "bench/fleet/run_shard.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

// What is run, and how, stands in the plan.
void refuse_other_options(const CommandContext& context) {
  constexpr std::array<std::string_view, 5> kTaken = {"--plan", "--shard", "--quiet", "--verbose", "--color"};
  bool value = false;  // of the option before
  for (std::size_t i = 1; i < context.argv.size(); ++i) {
    const std::string_view word = context.argv[i];
    if (value) {
      value = false;
      continue;
    }
    const std::string_view name = word.substr(0, word.find('='));
    const bool taken = std::ranges::find(kTaken, name) != kTaken.end() || word == "-q" || word == "-v";
    if (!taken && word != "run" && word != "--json")
      throw Error(fmt::format(
          "'{}' does not go with --plan: what is run stands in the plan; change the matrix and plan it anew", word));
    value = taken && name == word && (name == "--plan" || name == "--shard" || name == "--color");
  }
}

// The code that all failures have in common, where it says something of what is run.
ExitCode code_of(const std::vector<FailedCell>& failed) {
  const int first = failed.front().exit;
  const bool same = std::ranges::all_of(failed, [&](const FailedCell& cell) { return cell.exit == first; });
  for (const ExitCode known : {ExitCode::bad_input, ExitCode::no_device}) {
    if (same && first == static_cast<int>(known)) return known;
  }
  return ExitCode::internal;
}

void tell(const std::vector<FailedCell>& cells, std::string_view how) {
  for (const FailedCell& cell : cells)
    log_warning(fmt::format("{}{}: exit {}: {}", how, cell.cell->name, cell.exit, cell.line));
}

}  // namespace

ExitCode run_plan(const RunPlanArguments& arguments, const CommandContext& context) {
  refuse_other_options(context);
  const fs::path folder = arguments.plan;
  const Plan plan = read_plan(folder);
  const ShardChoice choice =
      choose_shard(arguments.shard, [](const char* name) -> const char* { return std::getenv(name); });
  const Shard shard = shards_of(plan, choice.count)[choice.index - 1];
  const Listening listening;
  Progress progress(context.quiet);
  const ShardResult result =
      run_shard(plan, fs::canonical(folder), shard, listening.stop(), [&](const PlanCell& cell, std::size_t over) {
        progress.show(fmt::format("shard {}/{}: {}", choice.index, choice.count, cell.name), over, shard.cells.size(),
                      0);
      });
  progress.clear();
  tell(result.told, "");
  tell(result.failed, "failed: ");
  if (listening.stop().signal() != 0)
    throw interrupted("the plan holds the reports of what ended; run it again for the rest");
  log_info(fmt::format(
      "shard {}/{}{}: {} cells, {} run, {} there already, {} failed{}", choice.index, choice.count,
      choice.from.empty() ? "" : " (" + choice.from + ")", shard.cells.size(), result.run, result.done,
      result.failed.size(),
      result.left_to == 0 ? "" : fmt::format(", {} given up after {} attempts", result.left_to, kMostAttempts)));
  if (!result.failed.empty())
    throw ExitError(
        fmt::format("{} of {} cells failed, beginning with {}: {}; `vkmembench plan --resume {}` says what is left",
                    result.failed.size(), shard.cells.size(), result.failed.front().cell->name,
                    result.failed.front().line, folder.string()),
        code_of(result.failed));
  return ExitCode::done;
}

}  // namespace vkmembench
