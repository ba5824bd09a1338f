#include "reports/judge/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/base/error.h"
#include "reports/testing/report_fixture.h"

namespace vkmembench {
namespace {

constexpr const char* kNow = "2026-01-02T03:04:05Z";

TEST(Baseline, KeepsTheReasonAndAllThatGatesRead) {
  const ReportText report = sample_text("regression/before");
  const std::string text = accept_baseline(report, std::nullopt, "first measure", kNow);
  auto json = nlohmann::ordered_json::parse(text);
  EXPECT_EQ(json["baseline"][0]["reason"], "first measure");
  EXPECT_EQ(json["baseline"][0]["accepted_utc"], kNow);
  json.erase("baseline");
  auto expected = nlohmann::ordered_json::parse(report.json);
  for (auto& run : expected["runs"]) {
    run["series"] = {{"frame", nlohmann::ordered_json::array()}, {"columns", nlohmann::ordered_json::object()}};
    run["snapshots"] = run["events"] = nlohmann::ordered_json::array();
  }
  EXPECT_EQ(json, expected);
}

TEST(Baseline, KeepsTheReasonsOfThoseItReplaces) {
  const std::string first = accept_baseline(sample_text("regression/before"), std::nullopt, "one", kNow);
  const std::string second = accept_baseline(sample_text("regression/after"), ReportText{"old", first}, "two", kNow);
  const StoredReport stored = read_report({"new", second});
  ASSERT_EQ(stored.baseline.size(), 2U);
  EXPECT_EQ(stored.baseline[0].reason, "one");
  EXPECT_EQ(stored.baseline[1].reason, "two");
}

TEST(Baseline, IsNotReplacedByOneOfAnotherScenarioOrDevice) {
  const ReportText old{"old.json", accept_baseline(sample_text("regression/before"), std::nullopt, "one", kNow)};
  for (const char* what : {"scenario", "device"}) {
    const ReportText other = changed_text("regression/after", [&](auto& json) { json[what]["name"] = "other"; });
    try {
      static_cast<void>(accept_baseline(other, old, "two", kNow));
      ADD_FAILURE() << what;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::not_comparable);
      EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("old.json: "), testing::HasSubstr("another -o")));
    }
  }
}

TEST(Baseline, RefusesWhatMeasuresNothing) {
  const auto kind_of = [](const ReportText& report, const std::string& reason) {
    try {
      static_cast<void>(accept_baseline(report, std::nullopt, reason, kNow));
    } catch (const Error& error) {
      return std::optional(error.kind());
    }
    return std::optional<ErrorKind>();
  };
  EXPECT_EQ(kind_of(sample_text("history/01"), " "), ErrorKind::bad_input);
  EXPECT_EQ(kind_of(changed_text("history/01", [](auto& json) { json["status"] = "incomplete"; }), "x"),
            ErrorKind::not_comparable);
  EXPECT_EQ(kind_of(changed_text("history/01", [](auto& json) { json["runs"].clear(); }), "x"),
            ErrorKind::not_comparable);
  EXPECT_EQ(kind_of(changed_text("history/01", [](auto& json) { add_violations(json, 1); }), "x"),
            ErrorKind::not_comparable);
}

}  // namespace
}  // namespace vkmembench
