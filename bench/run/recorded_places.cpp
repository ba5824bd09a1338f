#include "bench/run/recorded_places.h"

#include <fmt/format.h>

#include <algorithm>

#include "allocator/base/error.h"
#include "bench/replay/request/program_places.h"

namespace vkmembench {

void require_places(const std::vector<StrategySpec>& strategies, const Trace& trace, const DeviceInfo& device) {
  for (const StrategySpec& strategy : strategies) {
    if (!strategy.family->needs_places) continue;
    if (const std::string why = why_no_places(trace, device); !why.empty())
      throw Error(fmt::format("strategy {} cannot replay this: {}; leave it out", strategy.name, why));
  }
}

std::string leave_out_without_places(std::vector<StrategySpec>& strategies, const Trace& trace,
                                     const DeviceInfo& device) {
  const auto found = std::ranges::find_if(strategies, [](const auto& spec) { return spec.family->needs_places; });
  const std::string why = found == strategies.end() ? "" : why_no_places(trace, device);
  if (why.empty()) return {};
  const std::string name = found->name;
  std::erase_if(strategies, [](const StrategySpec& spec) { return spec.family->needs_places; });
  const bool is_recorded = !trace.recorded.recorder.empty() || trace.recorded.device.has_value();
  return is_recorded ? fmt::format("strategy {} is left out: {}", name, why) : "";
}

}  // namespace vkmembench
