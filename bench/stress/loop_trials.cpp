// The modes of `stress` that replay a trace many times.
#include <fmt/format.h>

#include <algorithm>

#include "bench/stress/fault_loop.h"
#include "bench/stress/min_heap.h"
#include "bench/stress/trial.h"

namespace vkmembench {

TrialResult fault_trial(const TrialInput& input) {
  const FaultLoopResult loop = fault_loop(input.trace, input.strategy, input.device,
                                          {.settings = input.trial.settings, .max_faults = input.trial.max_faults});
  TrialResult result;
  result.events = input.trace.events.size();
  result.figures = {{"device", input.trial.device},
                    {"concurrent", input.trial.settings.concurrent},
                    {"calls", loop.calls},
                    {"faults_reached", loop.reached},
                    {"request_refused", loop.refused},
                    {"operation_failed", loop.failed},
                    {"device_lost", loop.ended},
                    {"served_otherwise", loop.served}};
  for (const FaultFinding& finding : loop.findings) {
    const bool is_new =
        std::ranges::none_of(result.problems, [&](const Problem& problem) { return problem.kind == finding.kind; });
    if (is_new) result.problems.push_back({finding.kind, fmt::format("{}: {}", finding.fault, finding.text)});
  }
  return result;
}

TrialResult min_heap_trial(const TrialInput& input) {
  const MinHeap found = min_heap(input.trace, input.strategy, input.device);
  const auto bytes_or_null = [](const std::optional<Bytes>& bytes) {
    return bytes ? nlohmann::ordered_json(*bytes) : nlohmann::ordered_json(nullptr);
  };
  TrialResult result;
  result.events = input.trace.events.size();
  result.figures = {{"device", input.trial.device}, {"heap", found.heap},
                    {"load_bytes", found.load},     {"min_heap_bytes", bytes_or_null(found.bytes)},
                    {"over_load_ratio", nullptr},   {"survived_below_bytes", bytes_or_null(found.survived_below)},
                    {"replays", found.replays}};
  if (found.bytes) result.figures["over_load_ratio"] = found.over_load();
  return result;
}

}  // namespace vkmembench
