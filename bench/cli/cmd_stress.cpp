#include <fmt/format.h>

#include "allocator/base/byte_text.h"
#include "allocator/base/os/atomic_file.h"
#include "bench/cli/ci.h"
#include "bench/cli/commands.h"
#include "bench/cli/listening.h"
#include "bench/cli/log.h"
#include "bench/cli/outputs.h"
#include "bench/cli/progress.h"
#include "bench/cli/settings.h"
#include "bench/run/exit_code.h"
#include "bench/run/run_scenario.h"
#include "bench/run/scenario_files.h"
#include "bench/run/strategy_list.h"
#include "bench/stress/output.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

// The options as typed.
struct StressArguments {
  std::string scenario;
  bool random = false;
  bool faults = false;
  bool min_heap = false;
  std::optional<std::uint64_t> max_calls;
  std::vector<std::string> set;
  std::string strategies = "core-default";
  std::string device;
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> events;
  double time_s = 0;
  std::uint32_t lanes = 4;
  std::string replay = "both";
  std::string live = "512MiB";
  std::string check = "on";
  std::string output = "stress.report.json";
};

constexpr double kUsualSeconds = 60;

std::vector<std::string> strategies_of(const std::string& list) {
  std::vector<std::string> names;
  for (const StrategySpec& spec : parse_strategies(list))
    if (list != "all" || !spec.family->needs_places) names.push_back(spec.name);
  return list == "all" ? names : split_strategies(list);  // a file's strategy is found by its file
}

std::vector<std::string> devices_of(const std::string& list) {
  std::vector<std::string> selectors;
  for (const std::string& selector : split_strategies(list)) {
    for (const DeviceChoice& choice : select_devices(selector)) selectors.push_back(choice.selector);
  }
  return selectors;
}

StressPlan plan_of(const StressArguments& arguments) {
  if (arguments.random == !arguments.scenario.empty())
    throw Error("stress replays a scenario or random traces: name a SCENARIO, or give --random");
  if ((arguments.faults || arguments.min_heap) && arguments.scenario.empty())
    throw Error("--faults and --min-heap replay a scenario: name a SCENARIO");
  if (arguments.faults && arguments.min_heap) throw Error("--faults and --min-heap are two runs: give one of them");
  if (arguments.max_calls && !arguments.faults) throw Error("--max-calls is for --faults");
  if (arguments.max_calls == 0) throw Error("--max-calls 0 asks for nothing; give at least 1");
  StressPlan plan;
  if (arguments.faults || arguments.min_heap) plan.mode = arguments.faults ? "faults" : "min-heap";
  plan.max_faults = arguments.max_calls.value_or(0);
  plan.set = parse_settings(arguments.set);
  plan.strategies = strategies_of(arguments.strategies);
  const std::string usual = std::string(kPlainDevice) + (plan.mode == "replay" ? ",hostile:all" : "");
  plan.devices = devices_of(arguments.device.empty() ? usual : arguments.device);
  const bool check = arguments.check == "on";
  const bool concurrent = arguments.replay != "ordered" && !arguments.min_heap;
  const bool ordered = arguments.replay != "concurrent" || arguments.min_heap;
  if (ordered) plan.replays.push_back({.check = check, .timing = false});
  if (concurrent) plan.replays.push_back({.concurrent = true, .check = check, .timing = false});
  plan.random.seed = arguments.seed.value_or(1);
  plan.random.lanes = arguments.lanes;
  const std::optional<Bytes> live = parse_bytes(arguments.live);
  if (!live || *live == 0) throw Error(fmt::format("--live '{}' is not {}, at least 1", arguments.live, kByteTexts));
  plan.random.max_live_bytes = *live;
  if (!arguments.scenario.empty()) {
    plan.scenario = find_scenario(arguments.scenario).string();
    ScenarioOverrides overrides;
    overrides.set = plan.set;
    static_cast<void>(expand(load_scenario(plan.scenario, overrides), overrides));  // says what is wrong with it
  }
  if (arguments.events == 0) throw Error("--events 0 asks for nothing; give at least 1");
  plan.events = arguments.events;
  if (arguments.time_s != 0 || (arguments.random && !arguments.events))
    plan.time = std::chrono::duration<double>(arguments.time_s != 0 ? arguments.time_s : kUsualSeconds);
  plan.output_stem = is_stdout(arguments.output) ? "stress" : arguments.output;
  for (const std::string_view end : {".json", ".report"}) {
    if (plan.output_stem.ends_with(end)) plan.output_stem.erase(plan.output_stem.size() - end.size());
  }
  return plan;
}

ExitCode verdict(const StressResult& result) {
  if (result.is_clean()) return ExitCode::done;
  const auto worst =
      std::ranges::find_if(result.findings, [](const StressFinding& finding) { return finding.known.empty(); });
  throw ExitError(fmt::format("{} fails on {}: {}: {}; {} repeats it", worst->trial.strategy, worst->trial.device,
                              worst->problem.kind, worst->problem.text, worst->file),
                  ExitCode::check_failed);
}

ExitCode stress(const StressArguments& arguments, const CommandContext& context) {
  const StressPlan plan = plan_of(arguments);
  if (!is_stdout(arguments.output)) {
    std::vector<fs::path> inputs = strategy_files(arguments.strategies);
    if (!plan.scenario.empty()) inputs.emplace_back(plan.scenario);
    refuse_input_as_output(arguments.output, inputs);
    require_writable_file(arguments.output);
  }
  const Listening listening;
  Progress progress(context.quiet);
  const auto show = [&](const StressResult& so_far, const Trial& next) {
    std::uint64_t trials = 0;
    for (const StrategyTotals& totals : so_far.strategies) trials += totals.trials;
    progress.show(
        fmt::format("trial {}: {} on {}, {} findings", trials + 1, next.strategy, next.device, so_far.findings.size()),
        trials, trials + 1, 0);
  };
  const StressResult result = run_stress(plan, listening.stop(), show);
  progress.clear();
  StressHeading heading{plan, context.argv, {}};
  for (const StressFinding& finding : result.findings) heading.commands.push_back(shell_line(again(finding)));
  const std::string json = stress_json(heading, result);
  if (!is_stdout(arguments.output)) write_file(arguments.output, json);
  fmt::print("{}", context.json || is_stdout(arguments.output) ? json : stress_text(heading, result));
  if (!is_stdout(arguments.output)) log_info("report: " + arguments.output);
  if (listening.stop().signal() != 0) throw interrupted("the report holds what was tried until then");
  return verdict(result);
}

}  // namespace

void add_stress(Options& options) {
  const auto arguments = std::make_shared<StressArguments>();
  StressArguments& a = *arguments;
  options.optional_text("SCENARIO", "file, trace, or name of a shipped scenario", a.scenario);
  options.flag("--random", "random traces, from --seed on", a.random);
  options.list("--set", "KEY=VALUE: a parameter of the scenario's generator", a.set);
  options.flag("--faults", "fail every call of the scenario's replay in turn, with\nevery result that it may have",
               a.faults);
  options.natural("--max-calls", "faults of each kind that --faults tries at most, spread\nevenly; default: all",
                  a.max_calls);
  options.flag("--min-heap", "look for the smallest device-local heap that serves\nevery request", a.min_heap);
  options.text("--strategy", "strategies separated by commas, files of them, or all", a.strategies);
  options.text("--device",
               "devices separated by commas, as `run` takes them, and\nhostile:NAME or hostile:all: simulated ones "
               "that are\nhard to please; default: sim:nvidia-rtx-3090,hostile:all",
               a.device);
  options.natural("--seed", "of the first random trace; default: 1", a.seed);
  options.natural("--events", "events of each strategy, at least", a.events);
  options.seconds("--time", "seconds after which it ends; default: 60 with --random\nand without --events", a.time_s);
  options.number("--lanes", "that random traces have at most", a.lanes, 1, 64);
  options.choice("--replay", "ordered: one thread; concurrent: a thread a lane", a.replay,
                 {"ordered", "concurrent", "both"});
  options.text("--live", "bytes that random traces hold at most", a.live);
  options.choice("--check", "verify every placement and all contents: on or off", a.check, {"on", "off"});
  options.output("-o,--output", "file of the report, or -; what is found goes to files\nbeside it", a.output);
  options.action([arguments](const CommandContext& context) { return stress(*arguments, context); });
}

void add_stress_worker(Options& options) {
  options.action([](const CommandContext&) {
    serve_trials();
    return ExitCode::done;
  });
}

}  // namespace vkmembench
