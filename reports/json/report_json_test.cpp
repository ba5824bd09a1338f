#include "reports/json/report_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "allocator/base/os/atomic_file.h"
#include "allocator/device/entry_points.h"
#include "reports/account/memory_account_fixture.h"
#include "reports/json/schemas.h"
#include "reports/model/metric_table.h"
#include "reports/model/summary.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

Report head_only() {
  Report report;
  report.status = Status::ok;
  report.created_utc = "2024-05-06T07:08:09Z";
  report.tool = {"0.1.0", "abc", "Release", "GNU 12.2.0", "-O3", {{"vma", "3.2.1"}, {"vulkan_headers", "1.3.239"}}, {}};
  report.argv = {"vkmembench", "run", "a \"b\".json"};
  report.seed = ~std::uint64_t{0};
  report.host = {"Linux", "6.1", "CPU", 2, 8 * kGiB};
  report.device = two_heaps();
  report.device.type = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU;
  report.device.api_version = VK_MAKE_API_VERSION(0, 1, 3, 239);
  report.device.limits.maxMemoryAllocationCount = 4096;
  report.device.provenance = {{"heaps", "captured"}, {"costs", "assumed"}};
  report.requirements_hash = 0xabc;
  report.scenario = {"demo", 1, 0xfedcba9876543210, 7, 100, 10, 1, {{"BC7_UNORM_BLOCK", "BC3_UNORM_BLOCK"}}};
  report.warnings = {{"noisy", "another process was busy"}};
  report.truncations = {"snapshots"};
  return report;
}

// A run with something of everything: thousands of placements over more frames than points, a snapshot over the bound.
vkmembench::Run full_run(const std::string& strategy, const DeviceInfo& device, unsigned seed) {
  MemoryAccount account(device, {});
  vkmembench::Run run;
  std::mt19937_64 random(seed);
  for (std::uint64_t i = 1; i <= 40; ++i)
    account.block_added(block(i), 16 * kMiB, static_cast<std::uint32_t>(i % 3), false);
  constexpr std::uint32_t kObjects = 4000;
  const auto place = [&](std::uint32_t object) {
    const std::uint64_t in = 1 + object % 40;
    PlacedObject placement = object_at(block(in), Offset{object / 40} * 150'000, 1 + random() % 149'999);
    placement.memory_type = static_cast<std::uint32_t>(in % 3);
    placement.tag = object % 50;
    account.load_added(placement.requested, placement.required);
    account.placed(object, placement);
    return placement.required;
  };
  std::vector<Bytes> sizes;
  for (std::uint32_t i = 0; i < kObjects; ++i) sizes.push_back(place(i));
  for (int i = 0; i < 50; ++i) run.tags.push_back("tag " + std::to_string(i));
  for (std::uint64_t frame = 0; frame < 511; ++frame) {
    const auto object = static_cast<std::uint32_t>(random() % kObjects);
    account.removed(object);
    account.load_removed(sizes[object], sizes[object]);
    sizes[object] = place(object);
    account.frame_ended(frame, random() % 10'000'000);
    if (frame == 100) account.capture_peak();
    if (frame % 200 == 0) account.snapshot("frame " + std::to_string(frame), frame);
  }
  account.ended();
  account.finish(run, "");
  run.strategy = strategy;
  run.parameters = {{"arenas", std::uint64_t{2}}, {"ratio", 0.5}, {"smart", true}, {"mode", std::string("fast")}};
  run.clock = "wall";
  run.replay = "ordered";
  for (const std::string_view name : kEntryPointNames) {
    add_metric(run, std::string("api.").append(name).append("_count"), random() % 100'000);
    add_metric(run, std::string("api.").append(name).append("_ns"), random() % 1'000'000'000);
  }
  std::lognormal_distribution<double> time(6.0, 1.5);
  for (const char* id : {"time.create_buffer_ns", "time.create_image_ns", "time.batch_ns", "time.destroy_ns",
                         "time.map_ns", "time.upload_ns", "time.resize_ns"}) {
    NamedHistogram& histogram = run.histograms.emplace_back();
    histogram.id = id;
    for (int i = 0; i < 10'000; ++i) histogram.histogram.add(static_cast<std::uint64_t>(time(random)));
    append_histogram_metrics(run, id, histogram.histogram);
  }
  run.events = {{"refusal", 3, "buffer of 1 MiB: out_of_device_memory"}};
  run.leaks = {{0x2a, "mesh", "buffer", 4096, 9}};
  run.checks = {{"bounds"}, {{"contents", "not asked for"}}, {}};
  return run;
}

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> out;
  for (const auto& [key, value] : object.items()) out.push_back(key);
  return out;
}
using Keys = std::vector<std::string>;

TEST(ReportJson, KeysAreInTheOrderOfTheFormat) {
  Report report = head_only();
  report.runs.push_back(full_run("vma", report.device, 1));
  const Json json = Json::parse(to_json(report));
  EXPECT_EQ(keys(json), (Keys{"schema", "status", "created_utc", "tool", "invocation", "host", "device", "scenario",
                              "runs", "quality"}));
  EXPECT_EQ(keys(json["tool"]), (Keys{"version", "git_sha", "build_type", "compiler", "flags", "libs"}));
  EXPECT_EQ(keys(json["device"]),
            (Keys{"name", "type", "simulated", "vendor_id", "device_id", "api_version", "driver", "uuid", "heaps",
                  "types", "limits", "extensions_used", "requirements_hash", "provenance"}));
  EXPECT_EQ(keys(json["scenario"]), (Keys{"name", "file_hash", "trace_hash", "seed", "event_count", "frame_count",
                                          "lane_count", "substitutions"}));
  EXPECT_EQ(keys(json["runs"][0]), (Keys{"strategy", "status", "clock", "replay", "rounds", "metrics", "histograms",
                                         "series", "heaps", "types", "pools", "tags", "snapshots", "events",
                                         "events_dropped", "leaks", "leaks_dropped", "checks"}));
  EXPECT_EQ(keys(json["runs"][0]["metrics"][0]), (Keys{"id", "value", "unit", "class", "better", "n"}));
  EXPECT_EQ(keys(json["runs"][0]["histograms"][0]), (Keys{"id", "count", "sum", "min", "max", "bins", "sub_bits"}));
  EXPECT_EQ(keys(json["runs"][0]["checks"]), (Keys{"done", "skipped", "violations"}));
}

TEST(ReportJson, ValuesAsTheFormatSpellsThem) {
  Report report = head_only();
  vkmembench::Run& run = report.runs.emplace_back(full_run("vma", report.device, 1));
  run.metrics.clear();
  add_metric(run, "mem.reserved_peak_bytes", ~std::uint64_t{0});
  add_metric(run, "frag.external_ratio", 0.1);
  run.metrics.back().metric_class = MetricClass::bounded;
  add_null_metric(run, "frag.rss_ratio", "nothing was reserved");
  for (const char* id : {"frag.internal_ratio", "mem.retention_ratio"}) run.metrics.emplace_back().id = id;
  run.metrics[3].value = std::nan("");
  add_metric(run, "mem.reserved_over_live_at_ratio", 1.0, {"label", "loaded"}, 3);
  const Json json = Json::parse(to_json(report));
  EXPECT_EQ(json["schema"], "vkmembench.report/1");
  EXPECT_EQ(json["status"], "ok");
  EXPECT_EQ(json["invocation"]["argv"][2], "a \"b\".json");
  EXPECT_EQ(json["invocation"]["seed"], ~std::uint64_t{0});
  EXPECT_EQ(json["device"]["type"], "discrete");
  EXPECT_EQ(json["device"]["api_version"], "1.3.239");
  EXPECT_EQ(json["device"]["requirements_hash"], "0000000000000abc");
  EXPECT_EQ(json["device"]["limits"]["maxMemoryAllocationCount"], 4096);
  EXPECT_TRUE(json["device"]["limits"]["maxMemoryAllocationSize"].is_null());
  EXPECT_EQ(json["device"]["types"][1]["flags"], (Json{"host_visible", "host_coherent"}));
  EXPECT_EQ(json["device"]["heaps"][0]["budget_bytes"], 900 * kMiB);
  EXPECT_EQ(json["scenario"]["trace_hash"], "fedcba9876543210");
  EXPECT_EQ(json["scenario"]["substitutions"][0]["taken"], "BC3_UNORM_BLOCK");
  EXPECT_EQ(json["quality"]["warnings"][0]["code"], "noisy");

  const Json& out = json["runs"][0];
  EXPECT_EQ(out["strategy"]["parameters"].dump(), R"({"arenas":2,"ratio":0.5,"smart":true,"mode":"fast"})");
  EXPECT_EQ(
      out["metrics"][0].dump(),
      R"({"id":"mem.reserved_peak_bytes","value":18446744073709551615,"unit":"bytes","class":"exact","better":"lower","n":0})");
  EXPECT_EQ(out["metrics"][1]["class"], "bounded");
  EXPECT_EQ(out["metrics"][1]["value"].dump(), "0.1");
  EXPECT_EQ(out["metrics"][2]["reason"], "nothing was reserved");
  EXPECT_TRUE(out["metrics"][3]["value"].is_null());
  EXPECT_EQ(out["metrics"][3]["reason"], "not a finite number");
  EXPECT_EQ(out["metrics"][4]["reason"], "not measured");
  EXPECT_EQ(out["metrics"][5]["scope"].dump(), R"({"label":"loaded"})");
  EXPECT_EQ(out["metrics"][5]["n"], 3);
  EXPECT_EQ(out["leaks"][0]["id"], "000000000000002a");
  EXPECT_EQ(out["checks"]["skipped"][0].dump(), R"({"check":"contents","why":"not asked for"})");
}

TEST(ReportJson, HistogramsAreWholeAndSparse) {
  Report report = head_only();
  vkmembench::Run& run = report.runs.emplace_back();
  run.histograms.resize(1);
  run.histograms[0].id = "time.map_ns";
  for (const std::uint64_t value : {5u, 5u, 1000u}) run.histograms[0].histogram.add(value);
  const Json json = Json::parse(to_json(report))["runs"][0]["histograms"][0];
  EXPECT_EQ(json.dump(), R"({"id":"time.map_ns","count":3,"sum":1010,"min":5,"max":1000,"bins":[[5,2],[)" +
                             std::to_string(Histogram::bin_of(1000)) + R"(,1]],"sub_bits":6})");
}

TEST(ReportJson, SeriesLeaveOutWhatEqualsLast) {
  Report report = head_only();
  vkmembench::Run& run = report.runs.emplace_back();
  run.series.frame = {1, 3};
  run.series.columns = {{"a", {1, 2}, {1, 2}, {1, 2}}, {"b", {1, 2.5}, {0, 2.5}, {1, std::nan("")}}};
  const Json json = Json::parse(to_json(report))["runs"][0]["series"];
  EXPECT_EQ(json.dump(),
            R"({"frame":[1,3],"columns":{"a":{"last":[1,2]},"b":{"last":[1,2.5],"min":[0,2.5],"max":[1,null]}}})");
}

TEST(ReportJson, OnlyUsedTagsAreWritten) {
  Report report = head_only();
  vkmembench::Run& run = report.runs.emplace_back();
  run.tags = {"", "unused", "mesh", "sky"};
  run.snapshots.resize(1);
  run.snapshots[0].label = "now";
  run.snapshots[0].blocks = {
      {4, 0, 1, "pool", 100, {{0, 10, "buffer", 3, 7}, {10, 20, "image", 2}, {30, 5, "buffer", 3}}, {{0, 40}}}};
  const Json json = Json::parse(to_json(report))["runs"][0];
  EXPECT_EQ(json["tags"].dump(), R"(["sky","mesh"])");
  EXPECT_EQ(
      json["snapshots"][0].dump(),
      R"({"label":"now","frame":0,"blocks_total_bytes":0,"spans_total_bytes":0,"blocks":[{"id":4,"heap":0,"type":1,"pool":"pool","size_bytes":100,"spans":[[0,10,"buffer",0],[10,20,"image",1],[30,5,"buffer",0]],"created":[7,0,0],"used":[[0,40]]}]})");
}

TEST(ReportJson, SameReportSameBytes) {
  Report report = head_only();
  report.runs.push_back(full_run("vma", report.device, 3));
  Report again = head_only();
  again.runs.push_back(full_run("vma", again.device, 3));
  EXPECT_EQ(to_json(report), to_json(again));
}

TEST(ReportJson, RealsComeBackExactly) {
  Report report = head_only();
  vkmembench::Run& run = report.runs.emplace_back();
  std::mt19937_64 random(1);
  std::vector<double> values = {0.1, 1.0 / 3.0, 5e-324, std::numeric_limits<double>::max(), 1e21, -0.5};
  for (int i = 0; i < 1000; ++i) values.push_back(static_cast<double>(random()) / static_cast<double>(random() | 1));
  for (const double value : values) add_metric(run, "frag.rss_ratio", value);
  const Json json = Json::parse(to_json(report))["runs"][0]["metrics"];
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(json[i]["value"].get<double>(), values[i]);
}

TEST(ReportJson, TextThatIsNotUtf8IsRepaired) {
  Report report = head_only();
  report.device.name = "GPU \xff";
  EXPECT_EQ(Json::parse(to_json(report))["device"]["name"], "GPU \xef\xbf\xbd");
}

TEST(ReportJson, EightStrategiesStayBelowAMebibyte) {
  Report report = head_only();
  for (unsigned i = 0; i < 8; ++i) report.runs.push_back(full_run("strategy-" + std::to_string(i), report.device, i));
  EXPECT_GT(report.runs[0].snapshots[0].spans_dropped, 0u);
  EXPECT_EQ(report.runs[0].series.frame.size(), 256u);
  const std::string text = to_json(report);
  EXPECT_LE(text.size(), kMiB);
  RecordProperty("bytes", std::to_string(text.size()));
}

// The structure of the schema against a full report: each object has the keys that the schema requires and no others.
void expect_matches(const Json& root, Json schema, const Json& value, const std::string& pointer) {
  while (schema.contains("$ref")) schema = root.at(Json::json_pointer(schema["$ref"].get<std::string>().substr(1)));
  if (value.is_array() && schema.contains("items") && schema["items"].is_object()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      expect_matches(root, schema["items"], value[i], pointer + '/' + std::to_string(i));
    }
  }
  if (schema.contains("enum")) {
    EXPECT_NE(std::find(schema["enum"].begin(), schema["enum"].end(), value), schema["enum"].end()) << pointer;
  }
  if (!value.is_object()) return;
  for (const Json& key : schema.value("required", Json::array())) {
    EXPECT_TRUE(value.contains(key.get<std::string>())) << pointer << " lacks " << key;
  }
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [key, child] : value.items()) {
    std::string at = pointer;
    at.append("/").append(key);
    if (properties.contains(key)) {
      expect_matches(root, properties[key], child, at);
    } else {
      ASSERT_TRUE(schema.contains("additionalProperties")) << at;
      ASSERT_TRUE(schema["additionalProperties"].is_object()) << at << " is not in the schema";
      expect_matches(root, schema["additionalProperties"], child, at);
    }
  }
}

TEST(ReportJson, HasTheShapeOfItsSchema) {
  Report report = head_only();
  report.runs.push_back(full_run("vma", report.device, 1));
  add_null_metric(report.runs[0], "alloc.skipped_count", "not measured", {"cause", "refused"});
  const EmbeddedFile* schema = find_schema("report");
  ASSERT_NE(schema, nullptr);
  const Json root = Json::parse(schema->text);
  expect_matches(root, root, Json::parse(to_json(report)), "");
  // For a check with a full validator: VKMEMBENCH_SAMPLE_REPORT names a file to write.
  if (const char* file = std::getenv("VKMEMBENCH_SAMPLE_REPORT")) write_file(file, to_json(report));
}

}  // namespace
}  // namespace vkmembench
