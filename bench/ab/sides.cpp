#include "bench/ab/sides.h"

#include <fmt/format.h>

#include "reports/text/printable.h"
#include "scenarios/json/schema_id.h"

namespace vkmembench {
namespace {

nlohmann::ordered_json side_json(const AbArm& arm, const StoredReport& report) {
  return {{"program", arm.program}, {"strategy", arm.strategy}, {"git_sha", report.head.tool.git_sha}};
}

}  // namespace

std::string side_text(const AbArm& arm, const StoredReport& report) {
  return printable(fmt::format("{} ({}), {}", arm.program,
                               report.head.tool.git_sha.empty() ? "-" : report.head.tool.git_sha, arm.strategy));
}

std::string sides_text(const AbPlan& plan, const StoredReport& base, const StoredReport& candidate) {
  return fmt::format("base       {}\ncandidate  {}\n", side_text(plan.base, base),
                     side_text(plan.candidate, candidate));
}

nlohmann::ordered_json ab_head(const AbPlan& plan, const StoredReport& base, const StoredReport& candidate,
                               Verdict verdict, const std::string& why) {
  return {{"schema", kAbSchema},
          {"verdict", to_text(verdict)},
          {"why", why},
          {"same", false},
          {"scenario", base.head.scenario.name},
          {"device", base.head.device.name},
          {"set", plan.set},
          {"base", side_json(plan.base, base)},
          {"candidate", side_json(plan.candidate, candidate)}};
}

}  // namespace vkmembench
