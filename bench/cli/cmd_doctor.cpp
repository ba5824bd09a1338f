#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/cli/commands.h"
#include "bench/cli/listening.h"
#include "bench/doctor/doctor.h"
#include "bench/doctor/noise.h"
#include "bench/run/exit_code.h"

namespace vkmembench {

void add_doctor(Options& options) {
  options.action([](const CommandContext& context) {
    std::vector<Finding> findings = examine();
    {
      const Listening listening;
      findings.push_back(examine_noise(listening.stop()));
    }
    if (!context.json) {
      fmt::print("{}", findings_text(findings));
      return ExitCode::done;
    }
    auto rows = nlohmann::ordered_json::array();
    for (const Finding& finding : findings)
      rows.push_back({{"ok", finding.ok}, {"what", finding.what}, {"remedy", finding.remedy}});
    fmt::print("{}\n", rows.dump(2));
    return ExitCode::done;
  });
}

}  // namespace vkmembench
