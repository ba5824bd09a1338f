#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/cli/commands.h"
#include "bench/cli/log.h"
#include "bench/cli/progress.h"
#include "bench/fleet/merge.h"
#include "bench/run/exit_code.h"

namespace vkmembench {
namespace {

constexpr std::size_t kMostLines = 20;

struct MergeArguments {
  std::string plan, output;
};

ExitCode merge(const MergeArguments& arguments, const CommandContext& context) {
  const Plan plan = read_plan(arguments.plan);
  Progress progress(context.quiet);
  const MergeResult result = merge_plan(plan, arguments.plan, arguments.output, [&](std::size_t over) {
    progress.show("merging", over, plan.cells.size(), 0);
  });
  progress.clear();
  const auto tell = [&](const std::string& line, std::size_t number) {
    if (number < kMostLines || context.verbose) log_warning(line);
    if (number == kMostLines && !context.verbose) log_warning("and more; -v tells them all");
  };
  for (std::size_t i = 0; i < result.told.size(); ++i)
    tell(fmt::format("{}: {}", result.told[i].first, result.told[i].second), i);
  for (std::size_t i = 0; i < result.missing.size(); ++i)
    tell(fmt::format("missing: {}: {}", result.missing[i].name, result.missing[i].why), i);
  if (context.json) {
    nlohmann::ordered_json missing = nlohmann::ordered_json::array();
    for (const MissingCell& cell : result.missing)
      missing.push_back({{"cell", cell.number}, {"name", cell.name}, {"why", cell.why}});
    const nlohmann::ordered_json json = {
        {"store", arguments.output}, {"cells", plan.cells.size()}, {"merged", result.merged}, {"missing", missing}};
    fmt::print("{}\n", json.dump(2));
  } else {
    fmt::print("{} of {} cells in {}\n", result.merged, plan.cells.size(), arguments.output);
  }
  if (!result.missing.empty())
    throw ExitError(fmt::format("{} of {} cells are missing, beginning with {}: {}; `vkmembench plan --resume {}` has "
                                "them run, then merge again",
                                result.missing.size(), plan.cells.size(), result.missing.front().name,
                                result.missing.front().why, arguments.plan),
                    ExitCode::not_comparable);
  return ExitCode::done;
}

}  // namespace

void add_merge(Options& options) {
  const auto arguments = std::make_shared<MergeArguments>();
  options.text("PLAN", "folder of a plan, some of whose cells have run", arguments->plan);
  options.required_output("-o,--output", "folder of the store, made if need be", arguments->output);
  options.action([arguments](const CommandContext& context) { return merge(*arguments, context); });
}

}  // namespace vkmembench
