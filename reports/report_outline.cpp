#include "reports/report_outline.h"

#include <nlohmann/json.hpp>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kSchema = "vkmembench.report/";
constexpr std::string_view kMajor = "1";

Status status_of(const std::string& text) {
  for (const Status status : {Status::ok, Status::incomplete, Status::interrupted, Status::timeout}) {
    if (text == to_text(status)) return status;
  }
  return Status::failed;
}

void read_metrics(const Json& metrics, Run& run) {
  for (const Json& metric : metrics) {
    if (metric.contains("scope")) continue;
    MetricValue& out = run.metrics.emplace_back();
    out.id = metric.at("id").get<std::string>();
    out.reason = metric.value("reason", "");
    const Json& value = metric.at("value");
    if (value.is_number_unsigned())
      out.value = value.get<std::uint64_t>();
    else if (!value.is_null())
      out.value = value.get<double>();
  }
}

Run run_of(const Json& json) {
  Run run;
  run.strategy = json.at("strategy").at("name").get<std::string>();
  run.status = status_of(json.at("status").get<std::string>());
  run.clock = json.at("clock").get<std::string>();
  run.replay = json.at("replay").get<std::string>();
  read_metrics(json.at("metrics"), run);
  for (const Json& event : json.at("events")) {
    run.events.push_back({event.at("kind").get<std::string>(), event.at("frame").get<std::uint64_t>(),
                          event.at("text").get<std::string>()});
  }
  run.checks.violations = json.at("checks").at("violations").get<std::vector<std::string>>();
  return run;
}

Report outline_of(const Json& json) {
  Report report;
  report.status = status_of(json.at("status").get<std::string>());
  const Json& scenario = json.at("scenario");
  report.scenario.name = scenario.at("name").get<std::string>();
  report.scenario.seed = scenario.at("seed").get<std::uint64_t>();
  report.scenario.event_count = scenario.at("event_count").get<std::uint64_t>();
  report.scenario.frame_count = scenario.at("frame_count").get<std::uint64_t>();
  for (const Json& pair : scenario.at("substitutions")) {
    report.scenario.substitutions.emplace_back(pair.at("asked").get<std::string>(),
                                               pair.at("taken").get<std::string>());
  }
  report.device.name = json.at("device").at("name").get<std::string>();
  report.device.simulated = json.at("device").at("simulated").get<bool>();
  for (const Json& run : json.at("runs")) report.runs.push_back(run_of(run));
  for (const Json& warning : json.at("quality").at("warnings"))
    report.warnings.emplace_back(warning.at("code").get<std::string>(), warning.at("text").get<std::string>());
  return report;
}

// nlohmann's message without its number: "[json.exception.parse_error.101] parse error at line 1, ...".
std::string plain(const std::exception& error) {
  const std::string text = error.what();
  const std::size_t end = text.find("] ");
  return end == std::string::npos ? text : text.substr(end + 2);
}

}  // namespace

Report parse_report_outline(std::string_view json, const std::string& file) {
  const char* const kRemedy = "; write it again with `vkmembench run`";
  Json document;
  try {
    document = Json::parse(json);
  } catch (const Json::exception& error) {
    throw Error(file + ": is no JSON, or cut short: " + plain(error) + kRemedy);
  }
  const Json schema = document.is_object() ? document.value("schema", Json()) : Json();
  const std::string id = schema.is_string() ? schema.get<std::string>() : "";
  if (!id.starts_with(kSchema))
    throw Error(file + ": /schema: is " + (id.empty() ? "missing" : "'" + id + "'") + ", and 'vkmembench.report/1' " +
                "is taken; `vkmembench run SCENARIO -o FILE` writes a report");
  if (id.substr(kSchema.size()) != kMajor)
    throw Error(file + ": /schema: is '" + id + "', and this program reads 'vkmembench.report/1'; use the version " +
                "of the tool that wrote it");
  try {
    return outline_of(document);
  } catch (const Json::exception& error) {
    throw Error(file + ": is a damaged report: " + plain(error) + kRemedy);
  }
}

}  // namespace vkmembench
