#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "bench/ab/ab.h"

namespace vkmembench {

// The head of every output of `ab`: "base PROGRAM (COMMIT), STRATEGY" and the candidate's, in lines and as JSON.
[[nodiscard]] std::string side_text(const AbArm& arm, const StoredReport& report);
[[nodiscard]] std::string sides_text(const AbPlan& plan, const StoredReport& base, const StoredReport& candidate);
// Verdict, why, scenario, device, settings and sides of a vkmembench.ab/1 file.
[[nodiscard]] nlohmann::ordered_json ab_head(const AbPlan& plan, const StoredReport& base,
                                             const StoredReport& candidate, Verdict verdict, const std::string& why);

}  // namespace vkmembench
