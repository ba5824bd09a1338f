#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "allocator/base/stop_flag.h"
#include "bench/replay/counting/counting.h"
#include "reports/json/report_reader.h"
#include "reports/judge/gate.h"
#include "reports/judge/gate_policy.h"
#include "reports/model/statistics.h"

namespace vkmembench {

// Paired measurement of noisy metrics: two builds or two strategies, one machine, one time. A replicate is a pair of
// fresh processes back to back, with the same seed inside a pair and a new one for each.

struct AbArm {
  std::string program;
  std::string strategy;
};
struct AbPlan {
  AbArm base, candidate;
  std::string scenario;
  std::string device = "auto";
  std::vector<std::string> set;  // KEY=VALUE for both
  GatePolicy policy;
  bool instructions = false;  // are counted, once a side; else times are measured, in pairs
  InstructionCounter counter = InstructionCounter::valgrind;  // of them; the CPU counts in several rounds
  bool control = false;                                       // a second arm of the base
  double max_seconds = 0;                                     // 0: no bound; one pair is always measured
  std::uint64_t order_seed = 1;
};

// The values of one metric, a pair each.
struct AbSamples {
  std::string id, unit;
  Better better = Better::lower;
  double margin = 0;  // 0: shown, not judged
  std::vector<double> base, candidate, control;
};
// One round of pairs, and what they say.
struct AbRound {
  std::vector<AbSamples> samples;
  Decision decision;  // of the metrics with a margin
  bool time_up = false;
};
struct AbResult {
  Verdict verdict = Verdict::inconclusive;
  std::string why;                             // in one line
  bool same = false;                           // the sides are one: nothing was measured
  StoredReport base_report, candidate_report;  // of the first pair, without runs
  AbRound first;
  AbRound confirmation;  // of what regressed; without pairs unless something did
  std::vector<std::string> warnings;
  double seconds = 0;
};

// One process of an arm: its report. Throws Error when it cannot be had.
using MeasureArm = std::function<StoredReport(const AbArm& arm, std::uint64_t seed)>;
// Called before each pair: how many are done, and how many there may be.
using ShowPairs = std::function<void(const std::string& phase, std::size_t done, std::size_t most)>;

// Runs the arms as programs. The result refers to `plan` and `signal`, which outlive it.
[[nodiscard]] MeasureArm measure_by_process(const AbPlan& plan, const StopFlag& stop);

// Measures and judges: looks as the policy says, and a failure again with fresh pairs before it counts. Throws Error,
// not_comparable, when the arms replay different traces and when no metric is judged.
[[nodiscard]] AbResult run_ab(const AbPlan& plan, const MeasureArm& measure, const ShowPairs& show);

// Counts the instructions of both arms and judges them by the policy's limits of `instr.*`, or that of 0.1 % where it
// has none. Throws Error, not_comparable, when that says nothing.
struct AbCounts {
  std::vector<StoredReport> base, candidate;  // one each
  GatePolicy policy;
  GateResult result;  // refers to them
};
[[nodiscard]] std::unique_ptr<AbCounts> count_ab(const AbPlan& plan, const MeasureArm& measure);

// Whether both arms are the same program, byte by byte, with the same strategy. Throws Error for a program that is not
// there.
[[nodiscard]] bool are_same(const AbArm& base, const AbArm& candidate);

}  // namespace vkmembench
