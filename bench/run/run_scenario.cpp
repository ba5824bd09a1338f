#include "bench/run/run_scenario.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "allocator/base/os/abandon.h"
#include "allocator/base/os/alarm.h"
#include "allocator/base/os/process_limits.h"
#include "allocator/base/suggest.h"
#include "bench/replay/account/device_notes.h"
#include "bench/replay/account/summarize.h"
#include "bench/replay/account/summarize_host.h"
#include "bench/replay/counting/counting.h"
#include "bench/replay/counting/fresh_heaps.h"
#include "bench/replay/measured/context.h"
#include "bench/replay/record/host_account.h"
#include "bench/replay/record/refusal_text.h"
#include "bench/run/counted_parts.h"
#include "bench/run/disturbances.h"
#include "bench/run/host_info.h"
#include "bench/run/slow_device.h"
#include "reports/model/metric_table.h"
#include "reports/model/rounds.h"
#include "reports/model/truncations.h"

namespace vkmembench {
namespace {

bool is_lack_of_memory(VkResult result) {
  return result == VK_ERROR_OUT_OF_DEVICE_MEMORY || result == VK_ERROR_OUT_OF_HOST_MEMORY ||
         result == VK_ERROR_TOO_MANY_OBJECTS;
}

class ScenarioRun {
 public:
  ScenarioRun(const LoadedScenario& loaded, const DeviceChoice& choice, const RunOptions& options,
              const ShowProgress& progress)
      : loaded_(loaded),
        choice_(choice),
        options_(options),
        progress_(progress),
        model_clock_(
            options.clock == ClockChoice::model || options.clock == ClockChoice::instructions ||
            (options.clock == ClockChoice::automatic && choice.info.simulated && !options.settings.concurrent)),
        repeat_(options.repeat),
        rounds_(options.strategies.size()),
        cuts_(options.strategies.size()),
        stop_(options.stop != nullptr ? *options.stop : never_),
        strategy_timeout_(options.strategy_timeout.value_or(model_clock_ ? Seconds::zero() : kStrategyTimeout)) {
    const bool measures = options.settings.timing && !model_clock_ && !options.settings.check && !options.validation &&
                          !options.settings.host_tracking;
    if (!measures && !repeat_.fixed) repeat_.fixed = 1;
  }

  RunOutcome run(const WriteReport& write) {
    open();
    begin_report();
    RoundSchedule schedule(options_.strategies.size(), repeat_, loaded_.scenario.seed);
    for (std::vector<std::size_t> round = schedule.next(); !round.empty(); round = schedule.next()) {
      for (turn_ = 0; turn_ < round.size(); ++turn_) {
        if (!resolved_ || !take_turn(schedule, round[turn_], round.size())) {
          abandon(owner_);
          abandon(device_host_);
          outcome_.report.status = stop_.signal() != 0 ? Status::interrupted : Status::timeout;
          write(outcome_.report);
          return std::move(outcome_);
        }
        if (schedule.round() == 1 && turn_ + 1 < round.size()) write(outcome_.report);
      }
      if (schedule.round() < repeat_.most()) write(outcome_.report);
    }
    finish();
    write(outcome_.report);
    return std::move(outcome_);
  }

 private:
  // The host memory of the device itself.
  struct DeviceHost {
    HostTracker tracker;
    VulkanCallbacks callbacks{tracker, kDeviceMemory};
  };

  // How a strategy's last replay was cut short.
  struct Cut {
    Status status = Status::ok;
    std::optional<std::uint64_t> events_done;
    std::optional<std::uint64_t> clean_up_ns;
  };

  using Seconds = std::chrono::duration<double>;
  using Clock = std::chrono::steady_clock;
  static constexpr Seconds kStrategyTimeout{60};  // on the wall clock

  void open() {
    // A simulated device begins afresh with every strategy, so that a run depends on nothing that came before; so does
    // one that was lost. A real one begins afresh with every round: what a driver laid out when it was opened is the
    // same for all replays until it is closed, and rounds are to show how much that matters.
    const std::uint32_t round = std::max(progress_now_.round, 1u);
    if (owner_ != nullptr && !owner_->device().info->simulated && end_ != ReplayEnd::device_lost && round == opened_in_)
      return;
    opened_in_ = round;
    owner_.reset();
    validation_errors_ = 0;
    if (options_.settings.host_tracking) device_host_ = std::make_unique<DeviceHost>();
    owner_ = choice_.open({.model_clock = model_clock_,
                           .verify_contents = options_.settings.check,
                           .validation = options_.validation,
                           .host = device_host_ != nullptr ? device_host_->callbacks.get() : nullptr,
                           .features = features_for(loaded_.trace)});
    if (options_.driver_sleep > Seconds::zero())
      owner_ = std::make_unique<SlowDevice>(
          std::move(owner_), std::chrono::duration_cast<std::chrono::nanoseconds>(options_.driver_sleep));
  }

  void begin_report() {
    requests_ = resolve_requests(loaded_.trace, owner_->device(), stop_,
                                 options_.settings.substitute ? Substitution::on : Substitution::off);
    resolved_ = !stop_.raised();
    check_budgets(loaded_.trace, *owner_->device().info);
    Report& report = outcome_.report;
    report.created_utc = fmt::format(
        "{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
    report.tool = tool_info();
    if (counts_instructions()) report.tool.counted = counted_parts(options_.counter);
    report.argv = options_.argv;
    report.seed = loaded_.scenario.seed;
    report.host = read_host_info();
    report.device = *owner_->device().info;
    report.requirements_hash = requests_.requirements_hash;
    report.scenario = {.name = loaded_.scenario.name,
                       .file_hash = loaded_.scenario.file_hash,
                       .trace_hash = loaded_.trace.hash,
                       .seed = loaded_.scenario.seed,
                       .event_count = loaded_.trace.events.size(),
                       .frame_count = loaded_.trace.frame_count,
                       .lane_count = static_cast<std::uint32_t>(loaded_.trace.lanes.size()),
                       .substitutions = requests_.substitutions};
    const auto warn = [&](const char* code, std::string text) { report.warnings.emplace_back(code, std::move(text)); };
    if (options_.settings.check)
      warn("checked", "checks were on: times include the oracle's work and are not comparable");
    if (options_.validation) warn("validated", "the validation layer was on: times are not comparable");
    if (options_.settings.host_tracking)
      warn("host_tracked", model_clock_ ? "host memory is not tracked under the model clock: add --clock wall"
                                        : "host memory was tracked: times are not comparable");
    if (options_.driver_sleep > Seconds::zero())
      warn("driver_sleeps",
           fmt::format("every driver call slept for {} s: times are not comparable", options_.driver_sleep.count()));
    if (options_.settings.mark_frames && !report.device.simulated)
      warn("frames_marked", "an empty submission stood between frames: times are not comparable");
    for (std::string& text : budget_warnings(report.device)) warn("budget_unknown", std::move(text));
    for (std::string& text : unmet_preferences(loaded_.trace, requests_, report.device.memory))
      warn("unmet_preference", std::move(text));
    outcome_.nothing_tried = why_nothing_can_be_tried(loaded_.trace, requests_);
    if (report.tool.build_type != "Release")
      warn("build_type",
           "this is a " + report.tool.build_type + " build: times are not comparable with a Release build");
    if (model_clock_ || !options_.settings.timing) return;
    for (const Disturbance& found : disturbances(report.device)) warn(found.code, found.text);
  }

  // One replay of a strategy. False when it was cut off and nothing else follows.
  bool take_turn(RoundSchedule& schedule, std::size_t strategy, std::size_t turns) {
    const StrategySpec& spec = options_.strategies[strategy];
    progress_now_ = {.strategy = spec.name, .round = schedule.round(), .most_rounds = repeat_.most(), .share = 0};
    share_done_ = (schedule.round() - 1 + static_cast<double>(turn_) / static_cast<double>(turns)) / repeat_.most();
    share_turn_ = 1.0 / (static_cast<double>(turns) * repeat_.most());
    Run run = run_strategy(spec, Seconds(schedule.seconds(strategy)));
    const Cut cut{run.status, run.events_done, run.clean_up_ns};
    Rounds& rounds = rounds_[strategy];
    // Of a strategy that has whole rounds the one that was cut off says nothing but how far it came.
    if (cut.status == Status::ok || rounds.count() == 0) rounds.add(std::move(run));
    cuts_[strategy] = cut;
    schedule.done(strategy, replay_time_.count(), is_precise(rounds.run(), RepeatPolicy::kPrecise));
    collect_runs();
    if (cut.status == Status::ok) return true;
    if (end_ == ReplayEnd::strategy_timeout)
      outcome_.timed_out.push_back(spec.name);
    else if (end_ == ReplayEnd::device_lost)
      outcome_.lost_device.push_back(spec.name);
    else
      return false;
    schedule.drop(strategy);
    return true;
  }

  // The report's runs, in the order of the strategies, of those that have replayed.
  void collect_runs() {
    outcome_.report.runs.clear();
    for (std::size_t i = 0; i < rounds_.size(); ++i) {
      if (rounds_[i].count() == 0) continue;
      Run& run = outcome_.report.runs.emplace_back(rounds_[i].run());
      run.status = cuts_[i].status;
      run.events_done = cuts_[i].events_done;
      run.clean_up_ns = cuts_[i].clean_up_ns;
    }
    outcome_.report.truncations = truncations_of(outcome_.report.runs);
  }

  void warn_of_what_is_not_offered(const std::string& strategy, const Recording& recording) {
    std::vector<std::string> parts;
    for (std::size_t op = 0; op < static_cast<std::size_t>(Op::count); ++op) {
      std::uint64_t count = 0;
      for (const LaneRecord& lane : recording.lanes) count += lane.not_offered[op];
      if (count != 0) parts.push_back(fmt::format("{} {}", count, op_name(static_cast<Op>(op))));
    }
    if (!parts.empty())
      outcome_.report.warnings.emplace_back(
          "not_offered", fmt::format("{} cannot do, and leaves out: {}", strategy, fmt::join(parts, ", ")));
    std::uint64_t unshared = 0;
    for (const LaneRecord& lane : recording.lanes) unshared += lane.unshared_alias_count;
    if (unshared != 0)
      outcome_.report.warnings.emplace_back("alias_not_shared",
                                            fmt::format("{} gives {} aliases memory of their own", strategy, unshared));
  }

  // The trace's categories are the same for every strategy.
  void warn_of_folded_categories(const Recording& recording) {
    auto& warnings = outcome_.report.warnings;
    constexpr const char* kCode = "host_categories_folded";
    if (recording.host.folded_categories == 0 ||
        std::ranges::any_of(warnings, [&](const auto& warning) { return warning.first == kCode; }))
      return;
    warnings.emplace_back(
        kCode,
        fmt::format("{} categories of the trace's host memory are counted together as (other): there is room for {}",
                    recording.host.folded_categories, HostAccount::kTraceCategories));
  }

  Run run_strategy(const StrategySpec& spec, Seconds spent) {
    open();
    const Device raw = owner_->device();
    LimitsLayer limits(raw, options_.budget);
    ReplayOptions replay_options{.settings = options_.settings, .stop = &stop_};
    replay_options.settings.host_tracking = options_.settings.host_tracking && !model_clock_;
    replay_options.settings.count_instructions = counts_instructions();
    replay_options.settings.mark_frames = options_.settings.mark_frames && !raw.info->simulated;  // which has no layers
    const auto events = static_cast<double>(loaded_.trace.events.size());
    const auto show = [&](double share) {
      progress_now_.share = share_done_ + share * share_turn_;
      progress_(progress_now_);
    };
    replay_options.progress = [&](std::uint64_t done) { show(static_cast<double>(done) / events); };
    show(0);
    reset_peak_resident();
    std::optional<InstructionCounts> counts;
    const Recording recording = within_time(spent, [&] {
      const auto play = [&] {
        return replay(
            loaded_.trace, requests_, limits, raw, [&](const Device& device) { return spec.make(device); },
            replay_options);
      };
      return counts_instructions() ? count(play, counts) : play();
    });
    end_ = recording.end;
    SummaryOptions summary;
    summary.settings = replay_options.settings;
    summary.account.series_points = series_points();
    summary.account.keep_snapshots = options_.keep_snapshots;
    summary.account.snapshot_rows = 4000 / options_.strategies.size();
    summary.account.ns_per_tick = ns_per_tick(raw);
    summary.account.stop = &stop_;
    summary.model_clock = model_clock_;
    summary.instructions = counts ? &*counts : nullptr;
    summary.counter = options_.counter;
    Run run = summarize(loaded_.trace, requests_, recording, *raw.info, summary);
    if (device_host_ != nullptr) add_device_memory(run, device_host_->tracker.snapshot());
    run.strategy = spec.name;
    run.parameters = spec.all_parameters();
    add_validation_errors(run);
    outcome_.violated = outcome_.violated || !run.checks.violations.empty() || !recording.leaked.empty() ||
                        recording.leaked_resource_count != 0;
    for (const LaneRecord& lane : recording.lanes) {
      for (const Refusal& refusal : lane.refusals) note_lack_of_memory(spec.name, refusal);
    }
    if (progress_now_.round == 1) warn_of_what_is_not_offered(spec.name, recording);
    warn_of_folded_categories(recording);
    return run;
  }

  template <typename Play>
  Recording count(const Play& play, std::optional<InstructionCounts>& counts) {
    Recording recording;
    if (!heaps_) heaps_.emplace();
    counts = count_instructions(options_.counter, *heaps_, [&] { recording = play(); });
    return recording;
  }
  [[nodiscard]] bool counts_instructions() const { return options_.clock == ClockChoice::instructions; }

  // What a strategy does in what is left of the time that its rounds may take together.
  template <typename Work>
  Recording within_time(Seconds spent, const Work& work) {
    const auto start = Clock::now();
    std::optional<Alarm> alarm;
    if (strategy_timeout_ != Seconds::zero())
      alarm.emplace(start + std::chrono::duration_cast<Clock::duration>(strategy_timeout_ - spent),
                    [&] { stop_.raise(StopReason::strategy_timeout); });
    Recording recording = work();
    alarm.reset();
    stop_.withdraw_own();
    replay_time_ = Clock::now() - start;
    return recording;
  }

  // Most of a report is its series.
  [[nodiscard]] std::uint32_t series_points() const {
    constexpr std::size_t kPointsOfAll = 2048;
    constexpr std::size_t kFewest = 64;
    constexpr std::size_t kMost = 256;
    if (options_.series_points != 0) return options_.series_points;
    return static_cast<std::uint32_t>(std::clamp(kPointsOfAll / options_.strategies.size(), kFewest, kMost));
  }

  void add_validation_errors(Run& run) {
    if (!options_.validation) return;
    const std::vector<std::string> errors = owner_->validation_errors();
    run.checks.done.push_back("validation");
    for (std::size_t i = validation_errors_; i < errors.size(); ++i)
      run.checks.violations.push_back("validation: " + errors[i]);
    validation_errors_ = errors.size();
  }

  void note_lack_of_memory(const std::string& strategy, const Refusal& refusal) {
    if (!is_lack_of_memory(refusal.result)) return;
    const auto names = [&](const std::string& glob) { return glob_match(glob, strategy); };
    const auto is_noted = [&](const LackOfMemory& lack) { return lack.strategy == strategy; };
    if (std::ranges::any_of(outcome_.out_of_memory, is_noted) || std::ranges::none_of(loaded_.scenario.must_fit, names))
      return;
    outcome_.out_of_memory.push_back({strategy, refusal.hit.limit, refusal_text(loaded_.trace, refusal)});
  }

  // Exact metrics claim to be the same in each round, and times are worth what rounds agree on.
  void warn_of_rounds() {
    auto& warnings = outcome_.report.warnings;
    for (const Rounds& rounds : rounds_) {
      for (const std::string& id : rounds.differing())
        warnings.emplace_back("not_repeatable", fmt::format("{}: {} differs between rounds although it is exact",
                                                            rounds.run().strategy, id));
    }
    if (std::string text = widest_spread(outcome_.report.runs); !text.empty())
      warnings.emplace_back("noisy_rounds", std::move(text));
  }

  void finish() {
    outcome_.report.status = Status::ok;
    warn_of_rounds();
    outcome_.unmet = unmet_expectations(loaded_.scenario, outcome_.report.runs);
  }

  const LoadedScenario& loaded_;
  const DeviceChoice& choice_;
  const RunOptions& options_;
  const ShowProgress& progress_;
  std::unique_ptr<DeviceHost> device_host_;  // outlives the device
  std::unique_ptr<DeviceOwner> owner_;
  std::uint32_t opened_in_ = 0;  // the round
  const bool model_clock_;
  std::optional<FreshHeaps> heaps_;  // where instructions are counted
  RepeatPolicy repeat_;
  std::vector<Rounds> rounds_;  // of each strategy
  std::vector<Cut> cuts_;       // likewise
  std::size_t turn_ = 0;        // in the round under way
  RunProgress progress_now_;
  double share_done_ = 0;  // before the replay under way, of all that there may be
  double share_turn_ = 0;  // of that replay
  Requests requests_;
  bool resolved_ = false;
  RunOutcome outcome_;
  std::size_t validation_errors_ = 0;
  StopFlag never_;
  StopFlag& stop_;
  ReplayEnd end_ = ReplayEnd::done;  // of the last replay
  Seconds replay_time_{};            // likewise
  const Seconds strategy_timeout_;
};

}  // namespace

void require_undisturbed_counts(const RunOptions& options) {
  const auto refuse = [](std::string_view why, std::string_view flag) {
    throw Error(fmt::format("--clock instructions {}; leave out {}", why, flag));
  };
  if (options.settings.check) refuse("counts what checks would disturb", "--check");
  if (options.validation) refuse("counts what layers would disturb", "--validation");
  if (options.settings.host_tracking) refuse("counts what tracking would disturb", "--host-tracking");
  if (!options.settings.timing) refuse("times nothing", "--timing off");
  if (options.counter == InstructionCounter::valgrind && options.repeat.fixed.value_or(1) != 1)
    refuse("by valgrind counts the same each time", "--repeat");
}

std::string describe(const std::vector<LackOfMemory>& lacks) {
  std::string text;
  for (std::size_t limit = 0; limit < static_cast<std::size_t>(RefusalLimit::count); ++limit) {
    std::vector<std::string_view> strategies;
    const LackOfMemory* first = nullptr;
    for (const LackOfMemory& lack : lacks) {
      if (lack.limit != static_cast<RefusalLimit>(limit)) continue;
      if (first == nullptr) first = &lack;
      strategies.push_back(lack.strategy);
    }
    if (first == nullptr) continue;
    text += fmt::format("{}{}{}: {}", text.empty() ? "out of memory for " : ". And for ", fmt::join(strategies, ", "),
                        text.empty() ? ", which must_fit names" : "", first->text);
  }
  return text;
}

void check_budgets(const Trace& trace, const DeviceInfo& device) {
  for (const BudgetRequest& budget : trace.budgets) {
    try {
      static_cast<void>(resolve_budget(budget, device.memory));
    } catch (const Error& error) {
      throw Error(fmt::format("{}{}{}; name one of them, or 'device' or 'host'", budget.place,
                              budget.place.empty() ? "" : ": ", error.what()));
    }
  }
}

RunOutcome run_scenario(const LoadedScenario& loaded, const DeviceChoice& choice, const RunOptions& options,
                        const WriteReport& write, const ShowProgress& progress) {
  return ScenarioRun(loaded, choice, options, progress).run(write);
}

}  // namespace vkmembench
