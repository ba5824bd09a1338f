#include "reports/judge/baseline.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "allocator/base/error.h"
#include "reports/json/report_json.h"
#include "reports/judge/why_not_comparable.h"

namespace vkmembench {

std::string accept_baseline(const ReportText& report, const std::optional<ReportText>& replaced,
                            const std::string& reason, const std::string& now_utc) {
  if (reason.find_first_not_of(" \t\n") == std::string::npos)
    throw Error("--reason is blank; say why these figures are the new measure");
  const StoredReport stored = read_report(report);
  if (stored.head.status != Status::ok)
    throw Error(fmt::format("{}: its status is {}; a baseline needs a run that ended, run it again", report.file,
                            to_text(stored.head.status)),
                ErrorKind::not_comparable);
  if (stored.runs.empty())
    throw Error(fmt::format("{}: holds no run, so it would gate nothing; run it again", report.file),
                ErrorKind::not_comparable);
  for (const StoredRun& run : stored.runs)
    if (const std::string why = why_not_trusted(run); !why.empty())
      throw Error(fmt::format("{}: {}", report.file, why), ErrorKind::not_comparable);
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(report.json);
  nlohmann::ordered_json history = nlohmann::ordered_json::array();
  if (replaced) {
    const Report old = read_report(*replaced).head;
    if (old.scenario.name != stored.head.scenario.name || old.device.name != stored.head.device.name)
      throw Error(fmt::format("{}: is the baseline of {} on {}, and {} is of {} on {}; name another -o for it",
                              replaced->file, old.scenario.name, old.device.name, report.file,
                              stored.head.scenario.name, stored.head.device.name),
                  ErrorKind::not_comparable);
    history = nlohmann::ordered_json::parse(replaced->json).value("baseline", history);
  }
  history.push_back({{"accepted_utc", now_utc}, {"reason", reason}, {"git_sha", stored.head.tool.git_sha}});
  for (auto& run : json["runs"]) {
    run["series"] = {{"frame", nlohmann::ordered_json::array()}, {"columns", nlohmann::ordered_json::object()}};
    run["snapshots"] = run["events"] = nlohmann::ordered_json::array();
  }
  json["baseline"] = std::move(history);
  return report_layout(json);
}

}  // namespace vkmembench
