#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "allocator/base/os/atomic_file.h"
#include "allocator/base/os/own_program.h"
#include "bench/cli/commands.h"
#include "bench/cli/log.h"
#include "bench/cli/progress.h"
#include "bench/fleet/attempt.h"
#include "bench/fleet/emit.h"
#include "bench/fleet/matrix.h"
#include "bench/run/exit_code.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostTold = 20;  // cells that are told of one by one

struct PlanArguments {
  std::string matrix, output, resume, emit;
  std::optional<std::uint64_t> shards;
  bool again = false;
};

// What of a plan is still to do.
struct Rest {
  std::size_t missing = 0;
  std::vector<const PlanCell*> given_up;
  double seconds = 0;
  std::vector<std::uint32_t> shards;  // those with missing cells, from 1
};

Rest rest_of(const Plan& plan, const fs::path& folder, std::uint32_t shards) {
  Rest rest;
  std::uint32_t number = 0;
  for (const Shard& shard : shards_of(plan, shards)) {
    ++number;
    const std::size_t before = rest.missing;
    for (const PlanCell* cell : shard.cells) {
      const CellState state = state_of(folder, *cell);
      if (state == CellState::given_up) rest.given_up.push_back(cell);
      if (state != CellState::missing) continue;
      ++rest.missing;
      rest.seconds += cell->seconds;
    }
    if (rest.missing > before) rest.shards.push_back(number);
  }
  return rest;
}

std::string duration_text(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  return seconds < 6000 ? fmt::format("{:.0f} min", seconds / 60) : fmt::format("{:.1f} h", seconds / 3600);
}

std::uint32_t checked_shards(const PlanArguments& arguments) {
  constexpr std::uint64_t kMost = 1'000'000;
  if (!arguments.shards) return 0;
  if (*arguments.shards < 1 || *arguments.shards > kMost)
    throw Error(fmt::format("--shards {} is not from 1 to {}", *arguments.shards, kMost));
  return static_cast<std::uint32_t>(*arguments.shards);
}

Plan make_plan(const PlanArguments& arguments, const CommandContext& context) {
  Progress progress(context.quiet);
  const auto show = [&](const std::string& what) { progress.show(what, 0, 1, 0); };
  const ExpandedMatrix made = expand_matrix(arguments.matrix, arguments.output, checked_shards(arguments), show);
  progress.clear();
  for (const std::string& note : made.notes) log_warning(note);
  return keep_plan(made.plan, arguments.output);
}

ExitCode plan(const PlanArguments& arguments, const CommandContext& context) {
  const bool resumes = !arguments.resume.empty();
  if (resumes == !arguments.matrix.empty())
    throw Error("either a MATRIX to plan or --resume PLAN is taken; name one of them");
  if (resumes && !arguments.output.empty()) throw Error("--resume takes no -o: it stays in the plan's folder");
  if (!resumes && arguments.output.empty()) throw Error("no folder for the plan; add -o PLAN/");
  if (arguments.again && !resumes) throw Error("--again goes with --resume PLAN");
  const fs::path folder = resumes ? arguments.resume : arguments.output;
  Plan plan = resumes ? read_plan(folder) : make_plan(arguments, context);
  if (arguments.shards) plan.shards = checked_shards(arguments);
  if (arguments.again) {
    for (const PlanCell& cell : plan.cells) {
      if (state_of(folder, cell) == CellState::given_up) forget_attempt(folder, cell);
    }
  }
  const PlanEmitter* emitter = arguments.emit.empty() ? nullptr : find_emitter(arguments.emit);
  const std::uint32_t shards = emitter == nullptr ? plan.shards : std::min(plan.shards, emitter->most_shards);
  const Rest rest = rest_of(plan, folder, shards);
  std::string emitted;
  if (emitter != nullptr) {
    emitted = (folder / emitter->file).string();
    write_file(emitted, emitter->text({plan, fs::canonical(folder), own_program().string(), shards, rest.shards}));
  }
  for (std::size_t i = 0; i < rest.given_up.size() && (i < kMostTold || context.verbose); ++i)
    log_warning(fmt::format("given up: {}: {}", rest.given_up[i]->name, why_missing(folder, *rest.given_up[i])));
  if (!rest.given_up.empty())
    log_warning(fmt::format("{} cells failed {} times; `vkmembench plan --resume {} --again` has them tried again",
                            rest.given_up.size(), kMostAttempts, folder.string()));
  if (context.json) {
    const nlohmann::ordered_json json = {{"plan", folder.string()},
                                         {"id", plan.id},
                                         {"cells", plan.cells.size()},
                                         {"missing", rest.missing},
                                         {"given_up", rest.given_up.size()},
                                         {"shards", shards},
                                         {"shards_to_run", rest.shards},
                                         {"seconds", rest.seconds},
                                         {"emitted", emitted}};
    fmt::print("{}\n", json.dump(2));
    return ExitCode::done;
  }
  fmt::print("{} cells in {} shards, {} to run in {}: about {} of work, {} a shard\n", plan.cells.size(), shards,
             rest.missing, rest.shards.size(), duration_text(rest.seconds),
             duration_text(rest.seconds / static_cast<double>(std::max<std::size_t>(rest.shards.size(), 1))));
  if (emitter != nullptr)
    log_info("next: " + fmt::format(fmt::runtime(emitter->command), emitted));
  else
    log_info(fmt::format("next: vkmembench run --plan {} --shard 1/{}", folder.string(), shards));
  return ExitCode::done;
}

std::vector<std::string> emitter_names() {
  std::vector<std::string> names;
  for (const PlanEmitter& emitter : emitters()) names.emplace_back(emitter.name);
  return names;
}

}  // namespace

void add_plan(Options& options) {
  const auto arguments = std::make_shared<PlanArguments>();
  options.optional_text("MATRIX", "scenarios, strategies and devices (`schema matrix`)", arguments->matrix);
  options.output("-o,--output", "folder of the plan, made if need be", arguments->output);
  options.text("--resume", "folder of a plan: what of it is missing", arguments->resume);
  options.flag("--again", "with --resume: also what failed three times", arguments->again);
  options.choice("--emit", "write into the folder what runs the plan and merges", arguments->emit, emitter_names());
  options.natural("--shards", "jobs to cut it into; default: of about ten seconds", arguments->shards);
  options.action([arguments](const CommandContext& context) { return plan(*arguments, context); });
}

}  // namespace vkmembench
