#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "allocator/base/error.h"
#include "reports/json/report_reader.h"
#include "reports/judge/gate_policy.h"

namespace vkmembench {

// The gate for exact and bounded metrics: two sets of reports, judged by a policy. Noisy metrics are left to `ab`.

enum class GateState : std::uint8_t { same, changed, improved, missing, not_comparable, regressed };
[[nodiscard]] std::string_view to_text(GateState state);

// A metric of a strategy of a scenario on a device; of a run or a whole report where there is no metric.
struct GateRow {
  std::string scenario, device, strategy, metric, scope, unit;
  std::optional<double> base, candidate;  // of bounded metrics the worst of the repeats
  GateState state = GateState::same;
  std::string why;                       // the limit it broke, or why there is no verdict
  double severity = 0;                   // change for the worse, as a share of the base
  const StoredReport* report = nullptr;  // of the candidate; nullptr when it has none
};

// What a gate says of the candidate.
enum class GateVerdict : std::uint8_t { passed, regressed, not_comparable };

struct GateResult {
  std::vector<GateRow> rows;      // all that was judged; the worst last
  std::size_t not_gated = 0;      // metrics that no rule matches, or a rule ignores
  std::size_t noisy = 0;          // metrics that only `ab` can judge
  std::size_t without_value = 0;  // metrics that are null on both sides: nothing to judge
  std::vector<std::string> warnings;
  std::vector<std::string> notes;  // what a change may come of besides the program

  [[nodiscard]] std::size_t count(GateState state) const;
  // Nothing judged never passes.
  [[nodiscard]] GateVerdict verdict(const GatePolicy& policy) const;
};

// Compares each report of the base with the one of the same scenario and device. Hard limits (`max`, `min`) are judged
// even where the base lacks report, strategy, metric or value. The reports outlive the result.
// Throws Error when a side has two reports of one scenario and device, not_comparable when no rule matches anything.
[[nodiscard]] GateResult gate(const std::vector<StoredReport>& base, const std::vector<StoredReport>& candidate,
                              const GatePolicy& policy);

}  // namespace vkmembench
