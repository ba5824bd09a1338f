#include <string>

#include "bench/fuzz/fuzzers.h"
#include "bench/fuzz/refusable.h"
#include "reports/judge/comparison.h"
#include "reports/judge/gate.h"
#include "reports/show/console_table.h"
#include "reports/show/exporters.h"

namespace vkmembench {
namespace {

GatePolicy policy_of_all() {
  GatePolicy policy;
  GateRule& rule = policy.rules.emplace_back();
  rule.metric = std::string(1, '*');
  rule.terms = parse_limit("+0");
  return policy;
}

}  // namespace

// Each reader by itself: what one refuses the others may take.
void fuzz_report(std::string_view bytes) {
  static const GatePolicy policy = policy_of_all();
  const ReportText text{"report.json", std::string(bytes)};
  refusable([&] {
    const Report outline = read_outline(text);
    static_cast<void>(console_table(outline, {}));
    static_cast<void>(console_table(outline, {.color = true, .width = 40, .utf8 = true}));
  });
  for (const Exporter& exporter : exporters()) refusable([&] { static_cast<void>(exporter.write({&text, 1})); });
  refusable([&] {
    const std::vector<StoredReport> reports = {read_report(text)};
    refusable([&] {
      const std::vector<std::vector<StoredReport>> sets = {reports, reports};
      const auto compared = compare(sets);
      static_cast<void>(comparison_text(compared, true));
      static_cast<void>(comparison_json(compared));
    });
    static_cast<void>(gate(reports, reports, policy).verdict(policy));
  });
}

}  // namespace vkmembench
