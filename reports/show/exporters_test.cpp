#include "reports/show/exporters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string_view>

#include "allocator/base/error.h"
#include "reports/testing/report_fixture.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

std::string exported(const std::string& format, const ReportText& report) {
  return find_exporter(format)->write(std::span(&report, 1)).text;
}

TEST(Exporters, AreFoundByNameAndByEnding) {
  for (const Exporter& exporter : exporters()) {
    EXPECT_EQ(find_exporter(exporter.name), &exporter);
    EXPECT_EQ(exporter_for_file("out" + std::string(exporter.extension)), &exporter);
  }
  EXPECT_EQ(find_exporter("pdf"), nullptr);
  EXPECT_EQ(exporter_for_file("out.json"), nullptr);
}

class EveryExporter : public testing::TestWithParam<Exporter> {};

TEST_P(EveryExporter, WritesARealReportAndRefusesADamagedOne) {
  const ReportText report = sample_text("nvidia-h100-churn");
  try {
    EXPECT_GT(GetParam().write(std::span(&report, 1)).text.size(), 100U);
  } catch (const Error& error) {
    if (std::string_view(error.what()).find("install npm") != std::string_view::npos)
      GTEST_SKIP() << "built without the page";
    throw;
  }
  const ReportText damaged = changed_text("nvidia-h100-churn", [](auto& json) { json.erase("runs"); });
  EXPECT_THROW(static_cast<void>(GetParam().write(std::span(&damaged, 1))), Error);
  const ReportText cut{"cut.json", report.json.substr(0, 5000)};
  EXPECT_THROW(static_cast<void>(GetParam().write(std::span(&cut, 1))), Error);
}

INSTANTIATE_TEST_SUITE_P(All, EveryExporter, testing::ValuesIn(exporters().begin(), exporters().end()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(ExportCsv, HasARowForEveryMetricAndQuotesFields) {
  const ReportText report =
      changed_text("regression/before", [](auto& json) { json["runs"][0]["strategy"]["name"] = "a,\"b\"\n"; });
  const std::string text = exported("csv", report);
  EXPECT_THAT(text, HasSubstr(",\"a,\"\"b\"\"\n\","));
  EXPECT_THAT(text, HasSubstr(",mem.reserved_peak_bytes,,,bytes,exact,lower,442680688,,,0,,\n"));
  const std::string plain = exported("csv", sample_text("history/01"));
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(plain, '\n')), sample("history/01").runs[0].metrics.size() + 1);
}

TEST(ExportMarkdown, EscapesNames) {
  const ReportText report =
      changed_text("regression/before", [](auto& json) { json["runs"][0]["strategy"]["name"] = "a|b<script>"; });
  EXPECT_THAT(exported("md", report), HasSubstr("a\\|b\\<script\\>"));
}

TEST(ExportGoogleBenchmark, HasMediansAsIterations) {
  const auto json = nlohmann::json::parse(exported("gbench", sample_text("nvidia-h100-churn")));
  EXPECT_TRUE(json["context"].contains("date"));
  const StoredReport report = sample("nvidia-h100-churn");
  const auto vma = std::ranges::find(report.runs, "vma", &StoredRun::strategy);
  bool found = false;
  for (const auto& benchmark : json["benchmarks"]) {
    if (benchmark["name"] != "churn/vma/create_buffer") continue;
    found = true;
    EXPECT_EQ(benchmark["run_type"], "iteration");
    EXPECT_EQ(benchmark["real_time"], *vma->number("time.create_buffer_ns.p50"));
    EXPECT_EQ(benchmark["time_unit"], "ns");
  }
  EXPECT_TRUE(found);
}

TEST(ExportGoogleBenchmark, NamesABenchmarkOnce) {
  const ReportText one{"one.json", sample_text("nvidia-h100-churn").json};
  const ReportText again{"again.json", one.json};
  const ReportText other = sample_text("nvidia-h100-terrain_lod");
  const Exporter& gbench = *find_exporter("gbench");
  EXPECT_FALSE(gbench.write(std::vector{one, other}).text.empty());
  try {
    static_cast<void>(gbench.write(std::vector{one, again}));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("again.json: its benchmarks have the names of those of one.json (churn/"));
  }
}

TEST(ExportPerfetto, HasACounterForEveryPointOfASeries) {
  const auto report = nlohmann::json::parse(sample_text("nvidia-h100-churn").json);
  const auto trace = nlohmann::json::parse(exported("perfetto", sample_text("nvidia-h100-churn")));
  std::size_t points = 0;
  std::size_t names = 0;
  double last = -1;
  for (const auto& event : trace["traceEvents"]) {
    names += event["ph"] == "M";
    if (event["pid"] != 2 || event["ph"] != "C" || event["name"] != "mem.reserved_bytes") continue;
    ++points;
    EXPECT_GT(event["ts"].get<double>(), last);
    last = event["ts"].get<double>();
  }
  EXPECT_EQ(names, report["runs"].size());
  EXPECT_EQ(points, report["runs"][1]["series"]["frame"].size());
}

// What VMA's visualiser asks of a dump: every block is covered without a gap, and sums agree.
TEST(ExportVma, CoversEveryBlockOfTheLargestSnapshot) {
  for (const char* name : {"nvidia-h100-churn", "regression/after"}) {
    const auto dump = nlohmann::json::parse(exported("vma", sample_text(name)));
    EXPECT_EQ(dump["General"]["API"], "Vulkan");
    Bytes total = 0;
    std::uint64_t allocations = 0;
    const auto visit = [&](const nlohmann::json& pool) {
      EXPECT_TRUE(pool["DedicatedAllocations"].is_array());
      for (const auto& block : pool["Blocks"]) {
        Bytes end = 0;
        Bytes unused = 0;
        for (const auto& part : block["Suballocations"]) {
          EXPECT_EQ(part["Offset"], end);
          end += part["Size"].get<Bytes>();
          if (part["Type"] == "FREE")
            unused += part["Size"].get<Bytes>();
          else
            ++allocations;
        }
        EXPECT_EQ(end, block["TotalBytes"].get<Bytes>());
        EXPECT_EQ(unused, block["UnusedBytes"].get<Bytes>());
        total += end;
      }
    };
    for (const auto& pool : dump["DefaultPools"]) visit(pool);
    for (const auto& pools : dump["CustomPools"]) {
      for (const auto& pool : pools) visit(pool);
    }
    EXPECT_GT(total, 0U);
    EXPECT_EQ(dump["Total"]["BlockBytes"], total);
    EXPECT_EQ(dump["Total"]["AllocationCount"], allocations);
  }
}

TEST(ExportVma, SharedMemoryIsTakenOnce) {
  const ReportText report = changed_text("regression/before", [](auto& json) {
    json["runs"][0]["snapshots"] = nlohmann::ordered_json::array(
        {{{"label", "x"},
          {"frame", 1},
          {"blocks",
           {{{"id", 1},
             {"heap", 0},
             {"type", 0},
             {"pool", ""},
             {"size_bytes", 100},
             {"spans", {{0, 60, "image", 0}, {20, 60, "buffer", 0}, {30, 10, "buffer", 0}}}}}}}});
  });
  const auto dump = nlohmann::json::parse(exported("vma", report));
  const auto& parts = dump["DefaultPools"]["Type 0"]["Blocks"]["1"]["Suballocations"];
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[1]["Offset"], 60);
  EXPECT_EQ(parts[1]["Size"], 20);
  EXPECT_EQ(parts[2]["Type"], "FREE");
}

nlohmann::ordered_json array_of(std::vector<nlohmann::ordered_json> parts) {
  return nlohmann::ordered_json(std::move(parts));
}

// With one block of this size.
nlohmann::ordered_json snapshot_of(const char* label, Bytes size) {
  nlohmann::ordered_json block = {{"id", 1}, {"heap", 0}, {"type", 0}, {"pool", ""}, {"size_bytes", size}};
  block["spans"] = array_of({array_of({10, 20, "image", 0})});
  nlohmann::ordered_json snapshot = {{"label", label}, {"frame", 1}};
  snapshot["blocks"] = array_of({block});
  return snapshot;
}

TEST(ExportVma, WhatWasDroppedIsUnknownAndNotFree) {
  const ReportText report = changed_text("regression/before", [](auto& json) {
    auto snapshot = snapshot_of("x", 100);
    snapshot["spans_dropped"] = 3;
    snapshot["blocks"][0]["used"] = array_of({array_of({5, 30}), array_of({50, 10}), array_of({70, 30})});
    snapshot["blocks"][0]["spans"].push_back(array_of({60, 15, "buffer", 0}));
    json["runs"][0]["snapshots"] = array_of({snapshot});
  });
  const Exported out = export_vma(std::span(&report, 1));
  const auto dump = nlohmann::json::parse(out.text);
  std::string parts;
  for (const auto& part : dump["DefaultPools"]["Type 0"]["Blocks"]["1"]["Suballocations"])
    parts += part["Type"].get<std::string>() + std::to_string(part["Offset"].get<int>()) + "+" +
             std::to_string(part["Size"].get<int>()) + " ";
  EXPECT_EQ(parts,
            "FREE0+5 UNKNOWN5+5 IMAGE_OPTIMAL10+20 UNKNOWN30+5 FREE35+15 UNKNOWN50+10 BUFFER60+15 UNKNOWN75+25 ");
  EXPECT_EQ(dump["Total"]["AllocationBytes"], 80);
  EXPECT_THAT(out.taken, HasSubstr("snapshot 'x' of engine"));
  ASSERT_EQ(out.warnings.size(), 1U);
  EXPECT_THAT(out.warnings[0], HasSubstr("3 of its smallest allocations"));
}

TEST(ExportVma, DroppedBlocksCountForTheLargestMap) {
  const ReportText report = changed_text("regression/before", [](auto& json) {
    auto many = snapshot_of("many", 60);
    many["blocks_dropped"] = 1;
    json["runs"][0]["series"] = {{"frame", array_of({0, 2})},
                                 {"columns", {{"mem.reserved_bytes", {{"last", array_of({101, 90})}}}}}};
    json["runs"][0]["snapshots"] = array_of({snapshot_of("one", 100), many});
  });
  const Exported out = export_vma(std::span(&report, 1));
  EXPECT_THAT(out.taken, HasSubstr("'many'"));
  EXPECT_THAT(out.warnings[0], HasSubstr("1 of its smallest blocks"));
}

TEST(ExportVma, WithoutAMapThereIsNothingToDump) {
  try {
    static_cast<void>(exported("vma", sample_text("history/01")));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("snapshot"));
  }
}

}  // namespace
}  // namespace vkmembench
