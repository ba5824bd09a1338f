#pragma once

#include <string>
#include <vector>

#include "reports/judge/gate.h"

namespace vkmembench {

// A gate's result for its readers. Each says absolute values before the verdict; `again` is the command that repeats
// the gate.

// For a terminal: only what changed, the worst last, the rest as a count.
[[nodiscard]] std::string gate_text(const GateResult& result, const GatePolicy& policy, const std::string& again);
// For a page: the same, as Markdown.
[[nodiscard]] std::string gate_markdown(const GateResult& result, const GatePolicy& policy, const std::string& again);
// For scripts: every row, and the counts.
[[nodiscard]] std::string gate_json(const GateResult& result, const GatePolicy& policy, int exit_code);
// For CI: a test suite for each report, a test case for each strategy; the evidence stands in the elements' text.
[[nodiscard]] std::string gate_junit(const GateResult& result, const GatePolicy& policy);
// Workflow commands of GitHub's runner, a line each, at most ten: the worst.
[[nodiscard]] std::vector<std::string> gate_annotations(const GateResult& result, const GatePolicy& policy);

// "regressed", "passed" or "not comparable", and why, in one line.
[[nodiscard]] std::string gate_sentence(const GateResult& result, const GatePolicy& policy);

}  // namespace vkmembench
