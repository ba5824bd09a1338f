#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>

#include "allocator/base/byte_text.h"
#include "allocator/base/os/alarm.h"
#include "allocator/base/os/atomic_file.h"
#include "allocator/base/os/child_process.h"
#include "allocator/base/os/cpu_instructions.h"
#include "bench/cli/commands.h"
#include "bench/cli/counted_run.h"
#include "bench/cli/listening.h"
#include "bench/cli/log.h"
#include "bench/cli/outputs.h"
#include "bench/cli/progress.h"
#include "bench/cli/run_plan.h"
#include "bench/cli/settings.h"
#include "bench/cli/terminal.h"
#include "bench/replay/counting/callgrind.h"
#include "bench/run/exit_code.h"
#include "bench/run/recorded_places.h"
#include "bench/run/run_scenario.h"
#include "bench/run/scenario_files.h"
#include "bench/run/strategy_list.h"
#include "reports/json/report_json.h"
#include "reports/show/device_matrix.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

// The options as typed.
struct RunArguments {
  std::vector<std::string> scenarios;
  std::string plan;
  std::string shard;
  std::string strategies = "all";
  std::string device = "auto";
  std::string output;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> set;
  std::string frames;
  std::string clock = "auto";
  std::string counter = "valgrind";
  std::string timing = "on";
  std::string budget = "fixed";
  std::string replay = "ordered";
  std::string repeat = "auto";
  std::optional<std::uint64_t> series;
  double timeout_s = 0;
  std::optional<double> strategy_timeout_s;
  double driver_sleep_s = 0;
  bool check = false;
  bool validation = false;
  bool host_tracking = false;
  bool no_snapshots = false;
  bool no_substitute = false;
  bool mark_frames = false;
};

ScenarioOverrides overrides_of(const RunArguments& arguments) {
  ScenarioOverrides overrides;
  overrides.seed = arguments.seed;
  overrides.set = parse_settings(arguments.set);
  if (!arguments.frames.empty()) {
    const std::string_view frames = arguments.frames;
    const std::size_t dash = std::min(frames.find('-'), frames.size() - 1);
    const std::optional<std::uint64_t> first = parse_digits(frames.substr(0, dash));
    const std::optional<std::uint64_t> last = parse_digits(frames.substr(dash + 1));
    if (!first || !last) throw Error(fmt::format("--frames '{}' is not A-B, such as 100-200", frames));
    overrides.frames = {*first, *last};
  }
  return overrides;
}

// What --timeout counts from now on.
void set_alarm(std::optional<Alarm>& alarm, double timeout_s) {
  using Clock = std::chrono::steady_clock;
  if (timeout_s == 0) return;
  const std::chrono::duration<double> time(timeout_s);
  alarm.emplace(Clock::now() + std::chrono::duration_cast<Clock::duration>(time), time_is_up);
}

// Where each report goes. Checked before the first run, so that nothing runs in vain.
class Output {
 public:
  Output(const std::string& argument, std::size_t scenarios, std::size_t devices) : argument_(argument) {
    std::error_code ignored;
    const bool is_named_so = !argument.empty() && !fs::path(argument).has_filename();
    folder_ = is_named_so || fs::is_directory(argument, ignored);
    to_stdout_ = is_stdout(argument);
    if (scenarios > 1 && !folder_) throw Error("several scenarios need a folder for their reports; add -o DIR/");
    if (devices > 1 && !folder_) throw Error("several devices need a folder for their reports; add -o DIR/");
    by_device_ = devices > 1;
    if (folder_) {
      make_folder(argument);
      require_writable_folder(argument);
    } else if (!to_stdout_ && !argument.empty()) {
      require_writable_file(argument, "make it, or end the name in / to have it made");
    } else if (!to_stdout_) {
      require_writable_folder(".");
    }
  }

  [[nodiscard]] bool to_stdout() const { return to_stdout_; }
  [[nodiscard]] fs::path file(const std::string& scenario, const DeviceChoice& device) const {
    if (to_stdout_) return "-";
    if (argument_.empty()) return scenario + ".report.json";
    if (!folder_) return argument_;
    return (by_device_ ? fs::path(argument_) / device.folder : fs::path(argument_)) / (scenario + ".json");
  }

 private:
  std::string argument_;
  bool folder_ = false;
  bool to_stdout_ = false;
  bool by_device_ = false;
};

RepeatPolicy repeat_policy(const std::string& repeat) {
  if (repeat == "auto") return {.fixed = std::nullopt};
  constexpr std::uint64_t kMost = 1000;
  const std::uint64_t number = parse_digits(repeat).value_or(0);
  if (number < 1 || number > kMost)
    throw Error(fmt::format("--repeat '{}' is neither auto nor a number from 1 to {}", repeat, kMost));
  return {.fixed = static_cast<std::uint32_t>(number)};
}

ClockChoice clock_choice(const std::string& clock) {
  if (clock == "auto") return ClockChoice::automatic;
  if (clock == "instructions") return ClockChoice::instructions;
  return clock == "wall" ? ClockChoice::wall : ClockChoice::model;
}

RunOptions run_options(const RunArguments& arguments, const CommandContext& context) {
  RunOptions options;
  options.strategies = parse_strategies(arguments.strategies);
  options.repeat = repeat_policy(arguments.repeat);
  options.clock = clock_choice(arguments.clock);
  options.counter = counter_named(arguments.counter);
  if (options.counter == InstructionCounter::hardware && options.clock != ClockChoice::instructions)
    throw Error("--counter hardware counts instructions; give --clock instructions too");
  options.settings.timing = arguments.timing == "on";
  options.settings.check = arguments.check;
  options.validation = arguments.validation;
  options.settings.concurrent = arguments.replay == "concurrent";
  options.keep_snapshots = !arguments.no_snapshots;
  if (arguments.series && (*arguments.series < 2 || *arguments.series > 65536))
    throw Error(fmt::format("--series {} is not from 2 to 65536", *arguments.series));
  options.series_points = static_cast<std::uint32_t>(arguments.series.value_or(0));
  options.budget = arguments.budget == "driver" ? BudgetSource::driver : BudgetSource::fixed;
  if (arguments.strategy_timeout_s)
    options.strategy_timeout = std::chrono::duration<double>(*arguments.strategy_timeout_s);
  options.driver_sleep = std::chrono::duration<double>(arguments.driver_sleep_s);
  options.argv = words_as_typed(context);
  if ((options.clock == ClockChoice::model || options.clock == ClockChoice::instructions) &&
      options.settings.concurrent)
    throw Error(fmt::format("--clock {} needs the trace's order; leave out --replay concurrent", arguments.clock));
  options.settings.host_tracking = arguments.host_tracking;
  options.settings.substitute = !arguments.no_substitute;
  options.settings.mark_frames = arguments.mark_frames;
  return options;
}

// Every file that is read for the reports.
std::vector<fs::path> input_files_of(const RunArguments& arguments, const std::vector<LoadedScenario>& scenarios) {
  constexpr std::string_view kSimulated = "sim:";
  std::vector<fs::path> files = strategy_files(arguments.strategies);
  if (arguments.device.starts_with(kSimulated)) files.emplace_back(arguments.device.substr(kSimulated.size()));
  for (const LoadedScenario& loaded : scenarios) {
    const std::vector<fs::path> read = input_files(loaded.scenario);
    files.insert(files.end(), read.begin(), read.end());
  }
  return files;
}

// 1, 6, 7, 5, 3 in that order, when several hold.
ExitCode verdict(const std::vector<RunOutcome>& outcomes, const ScenarioOverrides& overrides) {
  const auto any = [&](auto holds) { return std::ranges::any_of(outcomes, holds); };
  if (any([](const RunOutcome& outcome) { return outcome.report.status == Status::timeout; }))
    throw Error("--timeout was reached: the reports hold what was run until then; give it more time or a smaller scale",
                ErrorKind::internal);
  std::vector<std::string> timed_out;
  for (const RunOutcome& outcome : outcomes) {
    for (const std::string& strategy : outcome.timed_out)
      timed_out.push_back(fmt::format("{} in {}", strategy, outcome.report.scenario.name));
  }
  if (!timed_out.empty())
    throw Error(fmt::format("--strategy-timeout was reached by {}: the reports hold how far {} came; give more time, 0 "
                            "for as much as it takes, or a smaller scale",
                            fmt::join(timed_out, ", "), timed_out.size() == 1 ? "it" : "they"),
                ErrorKind::internal);
  for (const RunOutcome& outcome : outcomes) {
    if (!outcome.lost_device.empty())
      throw Error(
          fmt::format("{}: the device was lost under {}: the report holds how far it came; look at the driver's "
                      "log",
                      outcome.report.scenario.name, fmt::join(outcome.lost_device, ", ")),
          ErrorKind::internal);
  }
  for (const RunOutcome& outcome : outcomes) {
    if (!outcome.violated) continue;
    for (const Run& run : outcome.report.runs) {
      if (!run.checks.violations.empty() && run.checks.violations.front().starts_with("harness: "))
        throw ExitError(
            fmt::format("{}: vkmembench itself failed a check while it drove strategy {}: {}; please report it",
                        outcome.report.scenario.name, run.strategy, run.checks.violations.front()),
            ExitCode::check_failed);
      if (!run.checks.violations.empty())
        throw ExitError(fmt::format("{}: strategy {} failed a check: {}; the report's `checks` lists them",
                                    outcome.report.scenario.name, run.strategy, run.checks.violations.front()),
                        ExitCode::check_failed);
      if (const MetricValue* leaks = run.metric("leak.count");
          leaks != nullptr && leaks->value != decltype(leaks->value)(std::uint64_t{0}))
        throw ExitError(fmt::format("{}: strategy {} leaks device memory; the report's `leaks` lists it",
                                    outcome.report.scenario.name, run.strategy),
                        ExitCode::check_failed);
    }
  }
  for (const RunOutcome& outcome : outcomes) {
    if (!outcome.out_of_memory.empty())
      throw Error(outcome.report.scenario.name + ": " + describe(outcome.out_of_memory), ErrorKind::out_of_memory);
  }
  for (const RunOutcome& outcome : outcomes) {
    if (!outcome.nothing_tried.empty())
      throw Error(outcome.report.scenario.name + ": " + outcome.nothing_tried, ErrorKind::not_comparable);
  }
  for (const RunOutcome& outcome : outcomes) {
    if (!outcome.unmet.empty())
      throw ExitError(
          fmt::format("{}: {} expectation{} not met: {}{}", outcome.report.scenario.name, outcome.unmet.size(),
                      outcome.unmet.size() == 1 ? " is" : "s are", fmt::join(outcome.unmet, "; "),
                      overrides.set.empty() ? "" : "; they are meant for the scenario without --set"),
          ExitCode::regression);
  }
  return ExitCode::done;
}

std::vector<std::string> names_of(const std::vector<StrategySpec>& strategies) {
  std::vector<std::string> names;
  for (const StrategySpec& strategy : strategies) names.push_back(strategy.name);
  return names;
}

// Before anything is made ready.
void require_cpu_counter() {
  try {
    const CpuInstructions counter;
  } catch (const Error& error) {
    throw Error(fmt::format("--counter hardware: {}; --counter valgrind needs none", error.what()));
  }
}

ExitCode run(const RunArguments& arguments, const CommandContext& context) {
  RunOptions options = run_options(arguments, context);
  if (options.clock == ClockChoice::instructions) {
    require_undisturbed_counts(options);
    if (options.counter == InstructionCounter::hardware)
      require_cpu_counter();
    else if (callgrind_output().empty())
      return run_by_callgrind(context);
    else
      end_with_parent();
  }
  std::optional<Alarm> alarm;
  set_alarm(alarm, arguments.timeout_s);
  const ScenarioOverrides overrides = overrides_of(arguments);
  std::vector<LoadedScenario> scenarios;
  std::set<std::string> names;
  for (const std::string& argument : arguments.scenarios) {
    LoadedScenario loaded;
    loaded.scenario = load_scenario(find_scenario(argument), overrides);
    check_expectations_known(loaded.scenario);
    warn_of_idle_seed(loaded.scenario, arguments.seed);
    for (const std::string& text : globs_without_match(loaded.scenario, names_of(options.strategies)))
      log_warning(text);
    if (!names.insert(loaded.scenario.name).second)
      throw Error(fmt::format("two scenarios are named '{}': their reports would overwrite each other; rename one",
                              loaded.scenario.name));
    loaded.trace = expand(loaded.scenario, overrides);
    scenarios.push_back(std::move(loaded));
  }
  const std::vector<DeviceChoice> devices = select_devices(arguments.device);
  for (const DeviceChoice& device : devices) {
    for (const LoadedScenario& loaded : scenarios) {
      check_budgets(loaded.trace, device.info);
      if (arguments.strategies != "all") require_places(options.strategies, loaded.trace, device.info);
    }
  }
  const Output output(arguments.output, scenarios.size(), devices.size());
  const std::vector<fs::path> inputs = input_files_of(arguments, scenarios);
  for (const DeviceChoice& device : devices) {
    for (const LoadedScenario& loaded : scenarios)
      refuse_input_as_output(output.file(loaded.scenario.name, device), inputs);
  }

  const TableStyle style = table_style(context);
  std::vector<RunOutcome> outcomes;
  Progress progress(context.quiet);
  const std::size_t all = scenarios.size() * devices.size();
  const Listening listening;
  options.stop = &listening.stop();
  for (const DeviceChoice& device : devices) {
    for (const LoadedScenario& loaded : scenarios) {
      const fs::path file = output.file(loaded.scenario.name, device);
      if (file.has_parent_path()) make_folder(file.parent_path());
      const auto write = [&](const Report& report) {
        if (output.to_stdout() || (report.status == Status::incomplete && !is_replaceable(file))) return;
        write_file(file, to_json(report));
      };
      const auto show = [&](const RunProgress& now) {
        const std::string round =
            now.most_rounds == 1 ? "" : fmt::format(", round {} of at most {}", now.round, now.most_rounds);
        progress.show(fmt::format("{} on {}: {}{}", loaded.scenario.name, device.info.name, now.strategy, round),
                      outcomes.size(), all, now.share);
      };
      RunOptions own = options;
      if (const std::string note = leave_out_without_places(own.strategies, loaded.trace, device.info); !note.empty())
        log_info(fmt::format("{}: {}", loaded.scenario.name, note));
      outcomes.push_back(run_scenario(loaded, device, own, write, show));
      progress.clear();
      const Report& report = outcomes.back().report;
      if (output.to_stdout() || context.json)
        fmt::print("{}", to_json(report));
      else
        fmt::print("{}", console_table(report, style));
      if (!output.to_stdout()) log_info("report: " + file.string());
      if (options.stop->signal() != 0) throw interrupted("the report holds what was run until then");
      if (report.status == Status::timeout) return verdict(outcomes, overrides);
    }
  }
  alarm.reset();
  if (!output.to_stdout() && !context.json) {
    std::vector<const Report*> reports;
    for (const RunOutcome& outcome : outcomes) reports.push_back(&outcome.report);
    if (const std::string matrix = device_matrix(reports); !matrix.empty()) fmt::print("\n{}", matrix);
  }
  return verdict(outcomes, overrides);
}

}  // namespace

void add_run(Options& options) {
  const auto arguments = std::make_shared<RunArguments>();
  RunArguments& a = *arguments;
  options.optional_list("SCENARIO", "files, traces, or names of shipped scenarios", a.scenarios);
  options.text("--plan", "folder of a plan, whose cells are run instead", a.plan);
  options.text("--shard",
               "I/N: with --plan, the Ith of N parts; default: by\nSLURM_ARRAY_TASK_ID or CI_NODE_INDEX, else all",
               a.shard);
  options.text("--strategy", "strategies separated by commas, files of them, or all", a.strategies);
  options.text("--device", "auto, an index, name:GLOB, uuid:HEX, cpu,\nsim:NAME, sim:FILE or sim:all", a.device);
  options.output("-o,--output", "file, folder ending in /, or -; default SCENARIO.report.json", a.output);
  options.natural("--seed", "seed of the generators", a.seed);
  options.list("--set", "KEY=VALUE: a parameter of the scenario's generator", a.set);
  options.text("--repeat",
               "rounds over all strategies, or auto: until times\nare precise, 6 to 12; 1 where none is measured",
               a.repeat);
  options.choice(
      "--clock",
      "wall, or model: the device profile's costs;\nauto: model on simulated devices; instructions: the model,\n"
      "and what the strategies run",
      a.clock, {"auto", "wall", "model", "instructions"});
  options.choice("--counter",
                 "who counts them: valgrind, the same each time; or\nhardware: the CPU, faster, and not quite the same",
                 a.counter, std::vector<std::string>(kInstructionCounterNames.begin(), kInstructionCounterNames.end()));
  options.choice("--timing", "on or off", a.timing, {"on", "off"});
  options.flag("--check", "verify every placement and all contents", a.check);
  options.flag("--validation", "run under the Khronos validation layer", a.validation);
  options.flag("--host-tracking", "count the CPU memory that strategy and driver hold", a.host_tracking);
  options.choice("--budget", "fixed at the start, or the driver's live one", a.budget, {"fixed", "driver"});
  options.choice("--replay", "ordered: one thread; concurrent: a thread a lane", a.replay, {"ordered", "concurrent"});
  options.text("--frames", "A-B: measure from frame A on, stop after frame B", a.frames);
  options.natural("--series", "points of each series, 2 to 65536;\nby default up to 256, fewer with many runs",
                  a.series);
  options.flag("--no-substitute", "nothing stands in for formats and usages that the\ndevice lacks", a.no_substitute);
  options.flag("--mark-frames", "an empty submission between frames of a real device,\nfor layers that look for them",
               a.mark_frames);
  options.flag("--no-snapshots", "leave memory maps out of the report", a.no_snapshots);
  options.seconds("--timeout", "seconds after which the rest is left out", a.timeout_s);
  options.seconds_or_none("--strategy-timeout",
                          "seconds after which a strategy's rounds end\nand the next follows; 0: none;\n"
                          "default: 60, none where time is modelled",
                          a.strategy_timeout_s);
  options.seconds("--driver-sleep", "seconds that every driver call sleeps:\na slow driver, for tests",
                  a.driver_sleep_s);
  options.action([arguments](const CommandContext& context) {
    if (!arguments->plan.empty()) return run_plan({arguments->plan, arguments->shard}, context);
    if (!arguments->shard.empty()) throw Error("--shard goes with --plan PLAN");
    if (arguments->scenarios.empty())
      throw Error("SCENARIO is required, or --plan; `vkmembench run --help` says how it is used");
    return run(*arguments, context);
  });
}

}  // namespace vkmembench
