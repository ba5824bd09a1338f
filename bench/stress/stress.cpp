#include "bench/stress/stress.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "allocator/base/os/atomic_file.h"
#include "bench/stress/known_faults.h"
#include "bench/stress/shrink.h"
#include "bench/stress/worker.h"
#include "reports/text/printable.h"
#include "scenarios/generators/random.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

using Clock = std::chrono::steady_clock;

class StressRun {
 public:
  StressRun(const StressPlan& plan, const StopFlag& stop, const ShowTrial& show)
      : plan_(plan), stop_(stop), show_(show), worker_(stop) {
    if (plan.time) latest_ = start_ + std::chrono::duration_cast<Clock::duration>(*plan.time);
    for (const std::string& strategy : plan.strategies) result_.strategies.push_back({.strategy = strategy});
  }

  StressResult run() {
    for (std::uint64_t number = 0; !is_done(number); ++number) {
      for (StrategyTotals& totals : result_.strategies) {
        const Trial trial = trial_of(totals.strategy, number);
        show_(result_, trial);
        const std::optional<TrialResult> result =
            plan_.mode == "replay" ? worker_.run(trial, latest_) : worker_.run(trial, latest_, kLoopLimit);
        if (!result) return end();
        add(totals, trial, *result);
      }
    }
    return end();
  }

 private:
  [[nodiscard]] bool is_done(std::uint64_t number) const {
    if (stop_.raised() || Clock::now() >= latest_) return true;
    if (plan_.events)
      return std::ranges::all_of(result_.strategies,
                                 [&](const StrategyTotals& totals) { return totals.events >= *plan_.events; });
    return !plan_.time && number >= plan_.devices.size() * plan_.replays.size();
  }

  // All devices once, then again with the other replay.
  [[nodiscard]] Trial trial_of(const std::string& strategy, std::uint64_t number) const {
    Trial trial{.mode = plan_.mode,
                .strategy = strategy,
                .device = plan_.devices[number % plan_.devices.size()],
                .settings = plan_.replays[number / plan_.devices.size() % plan_.replays.size()],
                .scenario = plan_.scenario,
                .random = plan_.random,
                .set = plan_.set,
                .max_faults = plan_.max_faults};
    trial.random.seed += number;
    trial.random.events = Random(trial.random.seed).between(200, 2000);
    return trial;
  }

  void add(StrategyTotals& totals, const Trial& trial, const TrialResult& result) {
    ++totals.trials;
    if (!result.refusal.empty()) {
      ++totals.refused;
      return;
    }
    totals.events += result.events != 0 ? result.events : trial.random.events;
    if (!result.figures.is_null()) totals.figures.push_back(result.figures);
    if (!result.problems.empty()) ++totals.failed;
    for (const Problem& problem : result.problems) {
      const auto same = std::ranges::find_if(result_.findings, [&](const StressFinding& finding) {
        return finding.trial.strategy == trial.strategy && finding.problem.is_same(problem);
      });
      if (same != result_.findings.end())
        ++same->count;
      else
        keep({.trial = trial, .problem = problem});
    }
  }

  // Shrinks what fails and writes it.
  void keep(StressFinding finding) {
    const Clock::time_point latest = std::min(latest_, Clock::now() + kShrinkTime);
    const IsOver is_over = [&] { return stop_.raised() || Clock::now() >= latest; };
    Trace trace = trace_of(finding.trial);
    for (const Trial& plainer : plainer_trials(finding.trial)) {
      if (fails_still(trace, plainer, finding.problem, latest)) finding.trial = plainer;
    }
    Shrunk shrunk = shrink(
        trace, [&](const Trace& candidate) { return fails_still(candidate, finding.trial, finding.problem, latest); },
        is_over);
    finding.shrunk = shrunk.whole;
    finding.events = shrunk.trace.events.size();
    finding.known = what_is_known(finding.trial.strategy, finding.problem);
    finding.file =
        fmt::format("{}.{}.{}.json", plan_.output_stem, file_word(finding.trial.strategy), result_.findings.size() + 1);
    write_file(finding.file,
               scenario_text(shrunk.trace, "found_by_stress",
                             printable(fmt::format("{} on {}: {}: {}", finding.trial.strategy, finding.trial.device,
                                                   finding.problem.kind, finding.problem.text))));
    result_.findings.push_back(std::move(finding));
  }

  // Each says less than the one before it.
  static std::vector<Trial> plainer_trials(const Trial& trial) {
    std::vector<Trial> trials;
    Trial plainer = trial;
    if (std::exchange(plainer.settings.concurrent, false)) trials.push_back(plainer);
    if (std::exchange(plainer.device, std::string(kPlainDevice)) != kPlainDevice) trials.push_back(plainer);
    return trials;
  }

  // Lanes at once may need luck to fail.
  bool fails_still(const Trace& trace, Trial trial, Problem& problem, Clock::time_point latest) {
    constexpr int kTries = 5;
    trial.scenario = (folder_.path() / "candidate.json").string();
    trial.set.clear();
    std::ofstream(trial.scenario, std::ios::binary) << scenario_text(trace, "candidate", "");
    for (int i = 0; i < (trial.settings.concurrent ? kTries : 1); ++i) {
      const std::optional<TrialResult> result = worker_.run(trial, latest, kShrinkLimit);
      if (!result) return false;
      const auto same =
          std::ranges::find_if(result->problems, [&](const Problem& found) { return found.is_same(problem); });
      if (same == result->problems.end()) continue;
      problem = *same;
      return true;
    }
    return false;
  }

  StressResult end() {
    result_.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    result_.interrupted = stop_.raised();
    return std::move(result_);
  }

  // Letters that every file system takes.
  static std::string file_word(std::string text) {
    for (char& c : text) {
      const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
      if (!plain) c = '_';
    }
    return text;
  }

  static constexpr std::chrono::hours kLoopLimit{24};     // for a trial of many replays
  static constexpr std::chrono::seconds kShrinkTime{60};  // for a finding
  static constexpr std::chrono::seconds kShrinkLimit{5};  // for a trial of it

  const StressPlan& plan_;
  const StopFlag& stop_;
  const ShowTrial& show_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point latest_ = Clock::time_point::max();
  Worker worker_;
  ScratchFolder folder_;
  StressResult result_;
};

}  // namespace

bool StressResult::is_clean() const {
  return std::ranges::none_of(findings, [](const StressFinding& finding) { return finding.known.empty(); });
}

StressResult run_stress(const StressPlan& plan, const StopFlag& stop, const ShowTrial& show) {
  return StressRun(plan, stop, show).run();
}

std::vector<std::string> again(const StressFinding& finding) {
  const Trial& trial = finding.trial;
  std::vector<std::string> words = {"vkmembench",   "stress",   finding.file, "--strategy",
                                    trial.strategy, "--device", trial.device};
  words.insert(words.end(), {"--replay", trial.settings.concurrent ? "concurrent" : "ordered"});
  if (trial.mode == "faults") words.emplace_back("--faults");
  if (trial.max_faults != 0) words.insert(words.end(), {"--max-calls", std::to_string(trial.max_faults)});
  if (!trial.settings.check) words.insert(words.end(), {"--check", "off"});
  return words;
}

}  // namespace vkmembench
