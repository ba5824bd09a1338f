#include <fmt/format.h>

#include <algorithm>

#include "allocator/base/suggest.h"
#include "allocator/strategy/strategies.h"
#include "bench/run/run_scenario.h"
#include "reports/model/contenders.h"
#include "reports/model/metric_table.h"

namespace vkmembench {
namespace {

bool applies(const Expectation& expectation, const std::string& strategy) {
  if (expectation.strategies.empty()) return strategy != kFloorStrategy;
  for (const std::string& glob : expectation.strategies) {
    if (glob_match(glob, strategy)) return true;
  }
  return false;
}

}  // namespace

void check_expectations_known(const Scenario& scenario) {
  for (std::size_t i = 0; i < scenario.expect.size(); ++i) {
    const Expectation& expectation = scenario.expect[i];
    if (find_metric(expectation.metric) != nullptr) continue;
    const auto row = std::ranges::find(metric_table(), expectation.metric, &MetricInfo::id);
    if (row != metric_table().end())
      throw Error(fmt::format("{}: /expect/{}/metric: '{}' is a distribution; name one of its statistics: {}",
                              scenario.file.string(), i, expectation.metric, row->stats));
    std::vector<std::string_view> ids;
    for (const MetricInfo& info : metric_table()) ids.push_back(info.id);
    throw Error(fmt::format("{}: /expect/{}/metric: no metric '{}'{}", scenario.file.string(), i, expectation.metric,
                            known_words(expectation.metric, ids)));
  }
}

std::vector<std::string> globs_without_match(const Scenario& scenario, std::span<const std::string> strategies) {
  std::vector<std::string> texts;
  const auto look = [&](const std::string& place, const std::vector<std::string>& globs) {
    for (const std::string& glob : globs) {
      const auto matched = [&](std::string_view name) { return glob_match(glob, name); };
      if (std::ranges::any_of(strategies, matched)) continue;
      if (std::ranges::any_of(strategy_presets(), matched, &StrategyPreset::name)) continue;
      texts.push_back(fmt::format("{}: {}: '{}' matches no strategy{}", scenario.file.string(), place, glob,
                                  known_names(glob, strategy_presets())));
    }
  };
  look("/must_fit", scenario.must_fit);
  for (std::size_t i = 0; i < scenario.expect.size(); ++i)
    look(fmt::format("/expect/{}/strategies", i), scenario.expect[i].strategies);
  return texts;
}

std::vector<std::string> unmet_expectations(const Scenario& scenario, const std::vector<Run>& runs) {
  std::vector<std::string> unmet;
  for (const Expectation& expectation : scenario.expect) {
    for (const Run& run : runs) {
      if (!applies(expectation, run.strategy)) continue;
      const MetricValue* metric = run.metric(expectation.metric, expectation.scope);
      const std::string name = expectation.metric + (expectation.scope.empty() ? "" : "[" + expectation.scope + "]");
      if (metric == nullptr || std::holds_alternative<std::monostate>(metric->value)) {
        const std::string why = metric == nullptr ? "this run does not report it" : metric->reason;
        unmet.push_back(fmt::format("{}: {} has no value ({})", run.strategy, name, why));
        continue;
      }
      const double value = std::holds_alternative<double>(metric->value)
                               ? std::get<double>(metric->value)
                               : static_cast<double>(std::get<std::uint64_t>(metric->value));
      if (expectation.max && value > *expectation.max)
        unmet.push_back(
            fmt::format("{}: {} is {:g}, at most {:g} is expected", run.strategy, name, value, *expectation.max));
      if (expectation.min && value < *expectation.min)
        unmet.push_back(
            fmt::format("{}: {} is {:g}, at least {:g} is expected", run.strategy, name, value, *expectation.min));
    }
  }
  return unmet;
}

}  // namespace vkmembench
