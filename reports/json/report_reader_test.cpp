#include "reports/json/report_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "allocator/base/error.h"
#include "allocator/base/os/input_file.h"
#include "allocator/testing/temporary_folder_fixture.h"
#include "reports/json/report_json.h"
#include "reports/show/console_table.h"
#include "reports/testing/report_fixture.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

// What reading says of the text; a failure when it says nothing.
template <typename Read = decltype(read_report)>
std::string refusal_of(const std::string& json, Read read = read_report) {
  try {
    static_cast<void>(read(ReportText{"r.json", json}));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    return error.what();
  }
  ADD_FAILURE() << "was taken";
  return {};
}

TEST(ReportReader, ReadsWhatComparisonsNeed) {
  const StoredReport report = sample("regression/before");
  const auto json = nlohmann::json::parse(sample_text("regression/before").json);
  EXPECT_EQ(report.name, "before");
  EXPECT_EQ(report.head.scenario.name, "scene_switch");
  EXPECT_EQ(report.head.scenario.trace_hash, 0x98d6f135c5691fe2U);
  EXPECT_EQ(report.head.requirements_hash, 0x84b58f9527903a99U);
  EXPECT_TRUE(report.head.device.simulated);
  EXPECT_EQ(report.head.device.memory.memoryHeapCount, json["device"]["heaps"].size());
  EXPECT_EQ(report.head.device.memory.memoryHeaps[0].flags, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT);
  EXPECT_EQ(report.head.device.limits.bufferImageGranularity,
            json["device"]["limits"]["bufferImageGranularity"].get<Bytes>());
  ASSERT_EQ(report.runs.size(), 1U);
  const StoredRun& run = report.runs.front();
  EXPECT_EQ(run.strategy, "engine");
  EXPECT_EQ(run.clock, "model");
  EXPECT_EQ(run.metrics.size(), json["runs"][0]["metrics"].size());
  EXPECT_EQ(run.number("mem.reserved_peak_bytes"), 442680688.0);
  EXPECT_EQ(run.metric("mem.reserved_peak_bytes")->metric_class, MetricClass::exact);
  EXPECT_EQ(run.metric("mem.reserved_peak_bytes")->better, Better::lower);
  EXPECT_EQ(run.metric("frag.placeability_ratio", "64 KiB")->better, Better::higher);
  EXPECT_EQ(run.metric("no.such"), nullptr);
}

TEST(ReportReader, MetricsOfAnotherToolKeepWhatTheirReportSays) {
  const StoredReport report = changed("regression/before", [](auto& json) {
    json["new_key"] = 1;
    json["runs"][0]["metrics"].push_back({{"id", "future.wonder_count"},
                                          {"value", 3},
                                          {"unit", "count"},
                                          {"class", "exact"},
                                          {"better", "higher"},
                                          {"n", 0}});
  });
  const StoredMetric* metric = report.runs.front().metric("future.wonder_count");
  ASSERT_NE(metric, nullptr);
  EXPECT_EQ(metric->better, Better::higher);
  EXPECT_EQ(metric->metric_class, MetricClass::exact);
}

TEST(ReportReader, RefusesWhatIsNoReport) {
  for (const char* text : {"", "[", "7", "null", "[]", "{}", R"({"schema": 1})", R"({"schema": "vkmembench.gate/1"})"})
    EXPECT_THAT(refusal_of(text), HasSubstr("r.json: ")) << text;
  EXPECT_THAT(refusal_of("[]"), HasSubstr("r.json: /schema"));
  EXPECT_THAT(refusal_of(R"({"schema": "vkmembench.scenario/1"})"), HasSubstr("is a scenario, not a report"));
  EXPECT_THAT(refusal_of(R"({"schema": "vkmembench.report/2"})"), HasSubstr("another version of the format"));
  EXPECT_THAT(refusal_of(R"({"schema": "vkmembench.report/10"})"), HasSubstr("another version of the format"));
  EXPECT_THAT(refusal_of(R"({"schema": "vkmembench.report/1"})"), HasSubstr("damaged"));
  const std::string whole = sample_text("regression/before").json;
  EXPECT_THAT(refusal_of(whole.substr(0, whole.size() / 2)), HasSubstr("cut short"));
  EXPECT_THAT(refusal_of(R"({"schema": "vkmembench.report/1", "runs": NaN})"), HasSubstr("NaN"));
}

TEST(ReportReader, RefusesEveryTruncationOfAReport) {
  const std::string whole = sample_text("history/01").json;
  for (std::size_t length = 0; length + 2 < whole.size(); length += 997)
    EXPECT_THROW(static_cast<void>(read_report({"r.json", whole.substr(0, length)})), Error) << length;
}

TEST(ReportReader, RefusesPartsThatAreMissingOrOfAnotherType) {
  for (const char* key : {"status", "tool", "device", "scenario", "runs", "quality", "host", "invocation"}) {
    EXPECT_THAT(refusal_of(changed_text("history/01", [&](auto& json) { json.erase(key); }).json), HasSubstr("damaged"))
        << key;
    EXPECT_THAT(refusal_of(changed_text("history/01", [&](auto& json) { json[key] = 1; }).json), HasSubstr("damaged"))
        << key;
  }
  EXPECT_THAT(refusal_of(changed_text("history/01", [](auto& json) { json["scenario"]["trace_hash"] = "?"; }).json),
              HasSubstr("no hash"));
}

TEST(ReportReader, RefusesARunThatIsThereTwice) {
  EXPECT_THAT(refusal_of(changed_text("history/01", [](auto& json) { json["runs"].push_back(json["runs"][0]); }).json),
              HasSubstr("twice"));
}

TEST(ReportReader, RefusesDeepNestingBeforeAnythingRecurses) {
  const auto nested = [](std::size_t levels) {
    ReportText text =
        changed_text("regression/before", [](auto& json) { json["runs"][0]["strategy"]["parameters"] = "@"; });
    text.json.replace(text.json.find("\"@\""), 3, std::string(levels, '[') + std::string(levels, ']'));
    return text.json;
  };
  constexpr std::size_t kAround = 4;  // report, runs, run, strategy
  EXPECT_EQ(read_report({"r.json", nested(kMaxNesting - kAround)}).runs.size(), 1U);
  EXPECT_THAT(refusal_of(nested(kMaxNesting - kAround + 1)), HasSubstr("nested deeper than 64 levels"));
  EXPECT_THAT(refusal_of(nested(100'000)), HasSubstr("r.json: is nested deeper"));
  EXPECT_THAT(refusal_of(nested(100'000), read_outline), HasSubstr("r.json: is nested deeper"));
  const std::string brackets = std::string(200, '[') + "\\\"" + std::string(200, '{');
  EXPECT_EQ(read_report(
                changed_text("regression/before", [&](auto& json) { json["runs"][0]["strategy"]["name"] = brackets; }))
                .runs[0]
                .strategy,
            brackets)
      << "in a string they nest nothing";
}

TEST(ReportReader, RefusesAMetricThatIsThereTwice) {
  const auto copied = [](const char* id, const char* kind, const char* scope) {
    return changed_text("regression/before", [=](auto& json) {
      nlohmann::ordered_json copy = metric_in(json, id);
      if (kind != nullptr) copy["scope"] = {{kind, scope}};
      json["runs"][0]["metrics"].push_back(std::move(copy));
    });
  };
  EXPECT_THAT(refusal_of(copied("mem.reserved_peak_bytes", nullptr, nullptr).json),
              HasSubstr("'engine' lists mem.reserved_peak_bytes twice"));
  const ReportText heap = copied("mem.reserved_peak_bytes", "heap", "0");
  EXPECT_EQ(read_report(heap).runs[0].metrics.size(), sample("regression/before").runs[0].metrics.size() + 1);
}

TEST(ReportReader, RefusesLessThanNothing) {
  for (const char* id : {"mem.reserved_peak_bytes", "api.allocate_memory_count"})
    EXPECT_THAT(
        refusal_of(changed_text("regression/before", [&](auto& json) { metric_in(json, id)["value"] = -5; }).json),
        HasSubstr(std::string(id) + " is -5"))
        << id;
}

// With everything that a table shows: units of every kind, a missing value, a refusal, a violation, a substitution.
Report told() {
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
  add("host.peak_bytes", std::uint64_t{5} << 20);
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
  const Report report = told();
  const TableStyle style{false, 200, true};
  const std::string table = console_table(report, style);
  EXPECT_EQ(console_table(read_outline({"r.json", to_json(report)}), style), table);
  for (const char* part :
       {"interrupted", "D24", "checks were on", "nothing was reserved", "too_many_objects", "overlap", "host peak"})
    EXPECT_THAT(table, HasSubstr(part));
}

TEST(ReportOutline, RefusesWhatIsNoReport) {
  const std::string good = to_json(told());
  EXPECT_THAT(refusal_of(good.substr(0, good.size() / 2), read_outline), HasSubstr("r.json: is no JSON, or cut short"));
  EXPECT_THAT(refusal_of(R"({"schema": "vkmembench.report/2"})", read_outline),
              HasSubstr("another version of the format"));
}

// Every member that is read, taken away or made another type, is a refusal and no crash.
TEST(ReportOutline, RefusesDamage) {
  const nlohmann::json whole = nlohmann::json::parse(to_json(told()));
  for (const char* pointer :
       {"/status", "/scenario", "/scenario/name", "/scenario/substitutions/0/asked", "/device/simulated",
        "/runs/0/strategy", "/runs/0/metrics/0/value", "/runs/0/events/0/frame", "/runs/1/checks", "/quality"}) {
    const nlohmann::json::json_pointer place(pointer);
    nlohmann::json damaged = whole;
    damaged[place] = nlohmann::json::array({"x"});
    EXPECT_THAT(refusal_of(damaged.dump(), read_outline), HasSubstr("r.json: is a damaged report")) << pointer;
    damaged = whole;
    damaged[place.parent_pointer()].erase(place.back());
    EXPECT_THAT(refusal_of(damaged.dump(), read_outline), HasSubstr("r.json: is a damaged report")) << pointer;
  }
}

TEST(ReportOutline, TakesWhatOnlyAComparisonRefuses) {
  const ReportText odd = changed_text("history/01", [](auto& json) {
    json["scenario"]["trace_hash"] = "?";
    json["runs"].push_back(json["runs"][0]);
  });
  EXPECT_THAT(refusal_of(odd.json), HasSubstr("damaged"));
  EXPECT_EQ(read_outline(odd).runs.size(), 2U);
}

class ReportFolderTest : public testing::Test {
 protected:
  const TemporaryFolder folder_;
};

TEST_F(ReportFolderTest, OneBadFileIsListedAndTheOthersRead) {
  folder_.write("a.json", sample_text("history/01").json);
  folder_.write("stress/b.json", sample_text("history/02").json);
  folder_.write("c.json", "{");
  folder_.write("notes.txt", "no report");
  const ReportFolder found = read_reports(folder_.path());
  ASSERT_EQ(found.reports.size(), 2U);
  EXPECT_EQ(found.reports[0].name, "a");
  EXPECT_EQ(found.reports[1].name, "stress/b");
  ASSERT_EQ(found.problems.size(), 1U);
  EXPECT_THAT(found.problems[0], HasSubstr("c.json"));
}

TEST_F(ReportFolderTest, AByteOrderMarkIsNoPartOfAReport) {
  const std::string json = sample_text("history/01").json;
  folder_.write("bom.json", "\xef\xbb\xbf" + json);
  EXPECT_EQ(read_report_text(folder_.path() / "bom.json").json, json);
}

TEST_F(ReportFolderTest, AnEmptyOneHasNothingToCompare) {
  try {
    static_cast<void>(read_reports(folder_.path()));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_comparable);
  }
  EXPECT_THROW(static_cast<void>(read_reports(folder_.path() / "missing.json")), Error);
  folder_.write("empty.json", "");
  EXPECT_THROW(static_cast<void>(read_reports(folder_.path() / "empty.json")), Error);
}

}  // namespace
}  // namespace vkmembench
