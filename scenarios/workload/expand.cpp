#include <fmt/format.h>

#include <algorithm>

#include "allocator/base/error.h"
#include "scenarios/trace/trace_hash.h"
#include "scenarios/workload/scenario.h"
#include "scenarios/workload/workload.h"

namespace vkmembench {
namespace {

// Ends the trace after frame `last` and has it measured from frame `first` on.
void cut_frames(Trace& trace, std::uint64_t first, std::uint64_t last) {
  const auto after = std::ranges::find_if(
      trace.events, [&](const Event& event) { return event.op == Op::frame && event.frame() == last + 1; });
  trace.events.erase(after, trace.events.end());
  const auto uncreated = std::ranges::find_if(
      trace.objects, [&](const TraceObject& object) { return object.create_event >= trace.events.size(); });
  trace.objects.erase(uncreated, trace.objects.end());
  trace.frame_count = last + 1;
  std::erase_if(trace.lanes, [&](std::uint16_t lane) {
    return lane != 0 && std::ranges::none_of(trace.events, [&](const Event& event) { return event.lane == lane; });
  });
  trace.lane_count = trace.lanes.back() + 1u;
  trace.measure_from_frame = first;
  std::erase_if(trace.recorded.placements,
                [&](const RecordedPlacement& placement) { return placement.event >= trace.events.size(); });
  trace.hash = hash_trace(trace);
}

}  // namespace

Trace expand(const Scenario& scenario, const ScenarioOverrides& overrides, const TraceLimits& limits) {
  Trace trace =
      make_trace(scenario.workload, {scenario.file.parent_path(), scenario.frames_in_flight, scenario.seed, limits});
  if (!overrides.frames) return trace;

  const auto [first, last] = *overrides.frames;
  if (first > last) throw Error(fmt::format("--frames {}-{}: the first is after the last; swap them", first, last));
  if (last >= trace.frame_count) {
    throw Error(fmt::format("--frames {}-{}: {} has frames 0 to {}", first, last, scenario.file.string(),
                            static_cast<std::int64_t>(trace.frame_count) - 1));
  }
  cut_frames(trace, first, last);
  return trace;
}

}  // namespace vkmembench
