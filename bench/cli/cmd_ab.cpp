#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "allocator/base/os/atomic_file.h"
#include "allocator/base/os/own_program.h"
#include "bench/ab/count_output.h"
#include "bench/ab/output.h"
#include "bench/cli/ci.h"
#include "bench/cli/commands.h"
#include "bench/cli/listening.h"
#include "bench/cli/log.h"
#include "bench/cli/outputs.h"
#include "bench/cli/progress.h"
#include "bench/run/exit_code.h"
#include "bench/run/scenario_files.h"
#include "bench/run/strategy_list.h"
#include "reports/judge/gate_output.h"
#include "reports/judge/gate_policy_reader.h"
#include "reports/text/printable.h"

namespace vkmembench {
namespace {

struct AbArguments {
  std::string scenario;
  std::string base, candidate;
  std::string strategies;
  std::string strategy = "core-default";
  std::string device = "auto";
  std::string policy;
  std::string control;
  std::string measure = "time";
  std::string counter = "valgrind";
  std::string output;
  std::vector<std::string> set;
  double max_time_s = 0;
  bool force = false;
};

// What a program needs to be found again once it is started from anywhere.
std::string program_path(const std::string& name) {
  return std::filesystem::path(name).has_parent_path() ? name : "./" + name;
}

void choose_sides(const AbArguments& arguments, AbPlan& plan) {
  const bool builds = !arguments.base.empty() || !arguments.candidate.empty();
  if (builds == !arguments.strategies.empty())
    throw Error("ab compares two builds or two strategies: give --base EXE --candidate EXE, or --strategies A,B");
  if (builds) {
    if (arguments.base.empty() || arguments.candidate.empty())
      throw Error("ab needs both builds: give --base EXE and --candidate EXE");
    if (parse_strategies(arguments.strategy).size() != 1)
      throw Error("two builds are compared by one --strategy; name one");
    plan.base = {program_path(arguments.base), arguments.strategy};
    plan.candidate = {program_path(arguments.candidate), arguments.strategy};
    return;
  }
  const std::vector<std::string> names = split_strategies(arguments.strategies);
  if (names.size() != 2)
    throw Error(
        fmt::format("--strategies '{}' names {}, and two are compared: A,B", arguments.strategies, names.size()));
  for (const std::string& name : names) static_cast<void>(parse_strategies(name));
  const std::string self = own_program().string();
  plan.base = {self, names[0]};
  plan.candidate = {self, names[1]};
}

AbPlan plan_of(const AbArguments& arguments) {
  AbPlan plan;
  choose_sides(arguments, plan);
  plan.instructions = arguments.measure == "instructions";
  if (plan.instructions && arguments.max_time_s != 0)
    throw Error("--max-time bounds pairs, and instructions are counted once a side; leave it out");
  if (plan.instructions && arguments.control == "on")
    throw Error("--control is for times; leave it out, or --measure instructions");
  plan.counter = counter_named(arguments.counter);
  if (plan.counter == InstructionCounter::hardware && !plan.instructions)
    throw Error("--counter hardware counts instructions; give --measure instructions too");
  if (plan.instructions && !arguments.strategies.empty())
    throw Error(
        "--measure instructions compares two builds; give --base EXE --candidate EXE, or count two strategies "
        "by `run --clock instructions`");
  plan.scenario = find_scenario(arguments.scenario).string();
  plan.device = arguments.device;
  plan.set = arguments.set;
  plan.policy = arguments.policy.empty() ? default_ab_policy() : read_gate_policy(arguments.policy);
  const char* ci = std::getenv("CI");
  plan.control = arguments.control.empty() ? ci != nullptr && *ci != '\0' : arguments.control == "on";
  plan.max_seconds = arguments.max_time_s;
  plan.order_seed = std::random_device()();
  return plan;
}

AbResult measure(const AbArguments& arguments, const AbPlan& plan, const CommandContext& context) {
  const Listening listening;
  if (are_same(plan.base, plan.candidate) && !arguments.force) {
    static_cast<void>(measure_by_process(plan, listening.stop())(plan.base, 1));  // the scenario and device are there
    AbResult result;
    result.same = true;
    result.verdict = Verdict::passed;
    result.why =
        fmt::format("both sides are the same program and strategy, so nothing was {}; --force {} them all the same",
                    plan.instructions ? "counted" : "timed", plan.instructions ? "counts" : "times");
    return result;
  }
  Progress progress(context.quiet);
  return run_ab(plan, measure_by_process(plan, listening.stop()),
                [&](const std::string& phase, std::size_t done, std::size_t most) {
                  progress.show(phase, done, std::max(most, done + 1), 0);
                });
}

// What a count says needs no second look.
ExitCode judge_counts(const AbArguments& arguments, const AbPlan& plan, const CommandContext& context) {
  const Listening listening;
  const std::unique_ptr<AbCounts> counts = count_ab(plan, measure_by_process(plan, listening.stop()));
  const GateResult& result = counts->result;
  const GatePolicy& policy = counts->policy;
  const GateVerdict verdict = result.verdict(policy);
  const std::string again = shell_line(context.argv);
  const std::string json = counts_json(plan, *counts);
  for (const std::string& warning : result.warnings) log_warning(warning);
  fmt::print("{}", context.json ? json : counts_text(plan, *counts, again));
  if (!arguments.output.empty()) write_file(arguments.output, json);
  publish({"", counts_markdown(plan, *counts, again), gate_annotations(result, policy)});
  if (verdict == GateVerdict::passed) return ExitCode::done;
  throw ExitError(gate_sentence(result, policy), exit_code_of(verdict));
}

ExitCode run_ab_command(const AbArguments& arguments, const CommandContext& context) {
  const AbPlan plan = plan_of(arguments);
  std::vector<std::filesystem::path> inputs = {plan.scenario, plan.base.program, plan.candidate.program,
                                               arguments.policy};
  for (const std::string* list : {&arguments.strategy, &arguments.strategies}) {
    const std::vector<std::filesystem::path> files = strategy_files(*list);
    inputs.insert(inputs.end(), files.begin(), files.end());
  }
  refuse_input_as_output(arguments.output, inputs);
  if (!arguments.output.empty()) require_writable_file(arguments.output);
  if (plan.instructions && (arguments.force || !are_same(plan.base, plan.candidate)))
    return judge_counts(arguments, plan, context);
  const AbResult result = measure(arguments, plan, context);
  const std::string again = shell_line(context.argv);
  for (const std::string& warning : result.warnings) log_warning(warning);
  const std::string json = ab_json(plan, result);
  fmt::print("{}", context.json ? json : ab_text(plan, result, again));
  if (!arguments.output.empty()) write_file(arguments.output, json);
  const bool regressed = result.verdict == Verdict::regressed;
  CiOutput ci{"", ab_markdown(plan, result, again), {}};
  if (result.verdict != Verdict::passed)
    ci.annotations.push_back(fmt::format("::{} title=vkmembench ab::{}: {}", regressed ? "error" : "warning",
                                         to_text(result.verdict), printable(result.why)));
  publish(ci);
  if (regressed) throw ExitError("regressed: " + result.why, ExitCode::regression);
  if (result.verdict == Verdict::inconclusive) {
    if (plan.policy.on_inconclusive == Reaction::fail)
      throw ExitError("inconclusive, and the policy says that fails: " + result.why, ExitCode::inconclusive);
    if (plan.policy.on_inconclusive == Reaction::warn) log_warning("inconclusive: " + result.why);
  }
  return ExitCode::done;
}

}  // namespace

void add_ab(Options& options) {
  const auto arguments = std::make_shared<AbArguments>();
  AbArguments& a = *arguments;
  options.text("SCENARIO", "file, trace, or name of a shipped scenario", a.scenario);
  options.text("--base", "a build of vkmembench to measure against", a.base);
  options.text("--candidate", "the build to judge", a.candidate);
  options.text("--strategies", "A,B: two strategies of this build instead", a.strategies);
  options.text("--strategy", "what two builds are compared by", a.strategy);
  options.text("--device", "as of run", a.device);
  options.choice("--measure",
                 "time, in pairs; or instructions, counted once a side\non a simulated device, which no load disturbs",
                 a.measure, {"time", "instructions"});
  options.choice("--counter", "who counts instructions, as of run", a.counter,
                 std::vector<std::string>(kInstructionCounterNames.begin(), kInstructionCounterNames.end()));
  options.text("--policy",
               "rules with min_effect;\ndefault: 5 % of create p50, destroy p50 and rate,\nor +0.1% of instr.*",
               a.policy);
  options.list("--set", "KEY=VALUE: a parameter of the scenario's generator", a.set);
  options.seconds("--max-time", "seconds after which the pairs measured must do", a.max_time_s);
  options.choice("--control", "time the base against itself too; default: on when CI is set", a.control, {"on", "off"});
  options.flag("--force", "time even what is the same on both sides", a.force);
  options.output("-o,--output", "file for every pair, as JSON", a.output);
  options.action([arguments](const CommandContext& context) { return run_ab_command(*arguments, context); });
}

}  // namespace vkmembench
