#include "bench/fleet/probe.h"

#include <algorithm>
#include <chrono>

#include "bench/run/recorded_places.h"
#include "reports/json/report_json.h"

namespace vkmembench {
namespace {

constexpr std::size_t kEnoughEvents = 5'000;
constexpr double kUsualRounds = 8;  // of --repeat auto, between the least and the most

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

void Probe::offer(const LoadedScenario& loaded) {
  const std::size_t events = loaded.trace.events.size();
  if (loaded_) {
    const std::size_t kept = loaded_->trace.events.size();
    if (kept >= kEnoughEvents ? events >= kept || events < kEnoughEvents : events <= kept) return;
  }
  loaded_ = loaded;
}

double Probe::per_event(const StrategySpec& strategy, const DeviceChoice& device) {
  // Simulated devices cost the same.
  const std::pair key(strategy.preset, device.info.simulated ? "" : device.selector);
  if (const auto found = per_event_.find(key); found != per_event_.end()) return found->second;
  RunOptions options = options_;
  options.strategies = {strategy_with(strategy.preset, strategy.preset, {})};
  options.repeat.fixed = 1;
  // What the recorded program did takes as long as another strategy where this trace does not tell it.
  static_cast<void>(leave_out_without_places(options.strategies, loaded_->trace, device.info));
  if (options.strategies.empty()) options.strategies = {parse_strategy("vma")};
  const double start = now_s();
  const RunOutcome outcome = run_scenario(
      *loaded_, device, options, [](const Report&) {}, [](const RunProgress&) {});
  static_cast<void>(to_json(outcome.report));
  const double taken = now_s() - start;
  return per_event_[key] = taken / static_cast<double>(std::max<std::size_t>(loaded_->trace.events.size(), 1));
}

double Probe::seconds(std::size_t events, const StrategySpec& strategy, const DeviceChoice& device, bool measured) {
  const double rounds = options_.repeat.fixed ? *options_.repeat.fixed : measured ? kUsualRounds : 1;
  return static_cast<double>(events) * per_event(strategy, device) * rounds;
}

}  // namespace vkmembench
