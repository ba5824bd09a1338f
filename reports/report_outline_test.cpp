#include "reports/report_outline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "allocator/base/error.h"
#include "reports/console_table.h"
#include "reports/report_json.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

Report full() {
  Report report;
  report.status = Status::interrupted;
  report.scenario = {"churn", 1, 2, 7, 400, 30, 1, {{"D24", "D32"}}};
  report.device.name = "Card \"9\"";
  report.device.simulated = true;
  report.warnings = {{"checked", "checks were on"}};
  Run& run = report.runs.emplace_back();
  run.strategy = "vma";
  run.clock = "model";
  run.replay = "ordered";
  const auto add = [&run](const char* id, decltype(MetricValue::value) value) -> MetricValue& {
    MetricValue& metric = run.metrics.emplace_back();
    metric.id = id;
    metric.value = value;
    return metric;
  };
  add("mem.reserved_peak_bytes", std::uint64_t{3} << 40);
  add("mem.reserved_over_live_ratio", 1.25);
  add("frag.external_ratio", {}).reason = "nothing was reserved";
  add("alloc.failed_count", std::uint64_t{2});
  MetricValue& scoped = add("frag.external_ratio", 0.5);
  scoped.scope_kind = "heap";
  scoped.scope = "0";
  run.events = {{"refusal", 12, "buffer 4 of 8 bytes: too_many_objects"}};
  Run& failed = report.runs.emplace_back();
  failed.strategy = "core";
  failed.status = Status::failed;
  failed.clock = "model";
  failed.replay = "ordered";
  failed.checks.violations = {"overlap"};
  return report;
}

TEST(ReportOutline, TheTableOfAFileIsThatOfItsReport) {
  const Report report = full();
  const TableStyle style{false, 200, true};
  EXPECT_EQ(console_table(parse_report_outline(to_json(report), "r.json"), style), console_table(report, style));
}

std::string refusal(const std::string& text) {
  try {
    (void)parse_report_outline(text, "r.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_input);
    return error.what();
  }
  return "taken";
}

TEST(ReportOutline, RefusesWhatIsNoReport) {
  const std::string good = to_json(full());
  EXPECT_EQ(refusal(good), "taken");
  EXPECT_THAT(refusal(good.substr(0, good.size() / 2)), HasSubstr("r.json: is no JSON, or cut short: parse error"));
  for (const char* text : {"", "[", "7", "null", "[]", "{}", R"({"schema": 1})", R"({"schema": "vkmembench.gate/1"})"})
    EXPECT_THAT(refusal(text), HasSubstr("r.json: ")) << text;
  EXPECT_THAT(refusal(R"({"schema": "vkmembench.scenario/1"})"), HasSubstr("'vkmembench.scenario/1'"));
  EXPECT_THAT(refusal(R"({"schema": "vkmembench.report/2"})"), HasSubstr("use the version of the tool that wrote it"));
  EXPECT_THAT(refusal(R"({"schema": "vkmembench.report/10"})"), HasSubstr("use the version of the tool"));
}

// Every member that is read, taken away or made another type, is a refusal and no crash.
TEST(ReportOutline, RefusesDamage) {
  const nlohmann::json whole = nlohmann::json::parse(to_json(full()));
  for (const char* pointer : {"/status", "/scenario", "/scenario/name", "/device/simulated", "/runs/0/strategy",
                              "/runs/0/metrics/0/value", "/runs/0/events/0/frame", "/runs/1/checks", "/quality"}) {
    const nlohmann::json::json_pointer place(pointer);
    nlohmann::json damaged = whole;
    damaged[place] = nlohmann::json::array({"x"});
    EXPECT_THAT(refusal(damaged.dump()), HasSubstr("r.json: is a damaged report")) << pointer;
    damaged = whole;
    damaged[place.parent_pointer()].erase(place.back());
    EXPECT_THAT(refusal(damaged.dump()), HasSubstr("r.json: is a damaged report")) << pointer;
  }
}

}  // namespace
}  // namespace vkmembench
