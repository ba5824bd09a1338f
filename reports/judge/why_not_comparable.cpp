#include "reports/judge/why_not_comparable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/text/units.h"

namespace vkmembench {
namespace {

std::string differs(std::string_view what, const std::string& base, const std::string& candidate,
                    std::string_view remedy) {
  return fmt::format("{}: {} and {}; {}", what, base, candidate, remedy);
}

// VMA's preferred block: an eighth of a heap of at most 1 GiB, else 256 MiB.
Bytes vma_block(Bytes heap) { return heap <= kGiB ? heap / 8 : 256 * kMiB; }

bool has_block_sizes_of_their_own(const DeviceInfo& base, const DeviceInfo& candidate) {
  for (std::uint32_t i = 0; i < base.memory.memoryHeapCount; ++i) {
    if (vma_block(base.memory.memoryHeaps[i].size) != vma_block(candidate.memory.memoryHeaps[i].size)) return true;
  }
  return base.memory.memoryHeapCount != candidate.memory.memoryHeapCount;
}

bool has_the_same_heaps(const DeviceInfo& base, const DeviceInfo& candidate) {
  if (base.memory.memoryHeapCount != candidate.memory.memoryHeapCount) return false;
  for (std::uint32_t i = 0; i < base.memory.memoryHeapCount; ++i) {
    if (base.memory.memoryHeaps[i].size != candidate.memory.memoryHeaps[i].size) return false;
    if (base.budgets[i] != candidate.budgets[i]) return false;
  }
  return true;
}

// Who counted its instructions: a CPU, or valgrind.
std::string counter_of(const ToolInfo& tool) {
  const auto cpu = std::ranges::find(tool.counted, "counter", &std::pair<std::string, std::string>::first);
  return cpu == tool.counted.end() ? "valgrind" : cpu->second;
}

// Whether the sizes of heaps had a say in a run: something was refused, fell back, or met a budget.
bool met_a_limit(const StoredRun& run) {
  constexpr std::array<std::string_view, 5> kSigns = {"alloc.failed_count", "fallback.count", "evict.count",
                                                      "budget.over_frames_count", "pressure.callback_count"};
  return std::ranges::any_of(kSigns, [&](std::string_view id) { return run.number(id).value_or(0) > 0; });
}

}  // namespace

std::string why_not_comparable(const StoredReport& base, const StoredReport& candidate) {
  for (const StoredReport* report : {&base, &candidate}) {
    if (report->head.status != Status::ok && report->head.status != Status::failed)
      return fmt::format("{} is {}; let its run end", report->file, to_text(report->head.status));
    if (report->runs.empty()) return fmt::format("{} holds no run; run its scenario again", report->file);
  }
  if (base.head.scenario.trace_hash != candidate.head.scenario.trace_hash)
    return differs("the traces differ", format_hash(base.head.scenario.trace_hash),
                   format_hash(candidate.head.scenario.trace_hash), "run both with the same scenario, seed and --set");
  return {};
}

std::string why_counts_not_comparable(const StoredReport& base, const StoredReport& candidate) {
  if (base.head.tool.counted == candidate.head.tool.counted) return {};
  const std::string one = counter_of(base.head.tool);
  const std::string other = counter_of(candidate.head.tool);
  if (one != other) return differs("the counters of instructions differ", one, other, "count both by one --counter");
  return "the instructions are of other targets or libraries (tool.counted); count both on one system";
}

std::string why_not_trusted(const StoredRun& run) {
  if (run.status != Status::ok) return fmt::format("a run of {} is {}; let it end", run.strategy, to_text(run.status));
  const double violations = run.number("check.violation_count").value_or(0);
  if (violations == 0) return {};
  return fmt::format("{} failed {:.0f} check{}; mend what they found and run it again", run.strategy, violations,
                     violations == 1 ? "" : "s");
}

std::string why_not_comparable(const StoredReport& base, const StoredRun& base_run, const StoredReport& candidate,
                               const StoredRun& candidate_run) {
  if (base.head.requirements_hash != candidate.head.requirements_hash)
    return differs("the device answers otherwise", format_hash(base.head.requirements_hash),
                   format_hash(candidate.head.requirements_hash), "accept a new baseline for this device and driver");
  for (const StoredRun* run : {&base_run, &candidate_run})
    if (std::string why = why_not_trusted(*run); !why.empty()) return why;
  if (base_run.clock != candidate_run.clock)
    return differs("the clocks differ", base_run.clock, candidate_run.clock, "run both with the same --clock");
  if (base_run.replay != candidate_run.replay)
    return differs("the replays differ", base_run.replay, candidate_run.replay, "run both with the same --replay");
  const DeviceInfo& base_device = base.head.device;
  const DeviceInfo& candidate_device = candidate.head.device;
  if (!has_the_same_heaps(base_device, candidate_device) &&
      (met_a_limit(base_run) || met_a_limit(candidate_run) ||
       has_block_sizes_of_their_own(base_device, candidate_device)))
    return "heaps or budgets differ, and had a say in this run; accept a new baseline for this device";
  return {};
}

}  // namespace vkmembench
