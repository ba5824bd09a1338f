#include "reports/show/console_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "reports/model/summary.h"

namespace vkmembench {
namespace {

vkmembench::Run run_of(const std::string& strategy, Bytes reserved, double ratio, double frag, std::uint64_t calls,
                       double p50) {
  vkmembench::Run run;
  run.strategy = strategy;
  run.clock = "model";
  run.replay = "ordered";
  add_metric(run, "mem.reserved_peak_bytes", reserved);
  add_metric(run, "mem.reserved_over_live_ratio", ratio);
  add_metric(run, "frag.external_ratio", frag);
  add_metric(run, "api.allocate_memory_count", calls);
  add_metric(run, "api.bind_buffer_memory_count", std::uint64_t{1000});
  add_metric(run, "time.create_buffer_ns.p50", p50);
  add_metric(run, "time.create_buffer_ns.p99", p50 * 10);
  add_metric(run, "time.create_buffer_ns.max", p50 * 1000);
  add_metric(run, "time.frame_ns.p99", p50 * 100);
  add_metric(run, "alloc.failed_count", std::uint64_t{0});
  for (MetricValue& metric : run.metrics) metric.metric_class = MetricClass::exact;  // as under the model clock
  return run;
}

Report small_report() {
  Report report;
  report.status = Status::ok;
  report.device.name = "Example GPU";
  report.device.simulated = true;
  report.scenario.name = "terrain_lod";
  report.scenario.seed = 7;
  report.scenario.frame_count = 1200;
  report.scenario.event_count = 48'213;
  report.runs.push_back(run_of("null", 0, 0, 0, 0, 12));
  for (const std::size_t missing : {1u, 2u}) {
    report.runs[0].metrics[missing].value = {};
    report.runs[0].metrics[missing].reason = "nothing was reserved";
  }
  report.runs.push_back(run_of("dedicated", 1320 * kMiB, 1.0312, 0, 4048, 21'000));
  report.runs.push_back(run_of("vma", 1536 * kMiB, 1.2, 0.1834, 26, 71.5));
  report.runs.push_back(run_of("core-default", 1400 * kMiB, 1.094, 0.0951, 22, 64));
  return report;
}

TEST(ConsoleTable, IsThisText) {
  EXPECT_EQ(console_table(small_report(), {}), R"(terrain_lod, seed 7, 1,200 frames, 48,213 events
Example GPU (simulated), clock model, ordered replay

strategy     reserved  / live    frag  calls  buffer p50     p99      max  frame p99  failed
null              0 B     n/a     n/a  1,000       12 ns  120 ns  12.0 us    1.20 us       0
dedicated    1.29 GiB+   1.03+  0.0 %+ 5,048-    21.0 us- 210 us- 21.0 ms-   2.10 ms-      0
vma          1.50 GiB-   1.20- 18.3 %- 1,026     71.5 ns  715 ns  71.5 us    7.15 us       0
core-default 1.37 GiB    1.09   9.5 %  1,022+      64 ns+ 640 ns+ 64.0 us+   6.40 us+      0

+ best of its column, - worst, null is the harness's own floor
n/a: / live, frag of null: nothing was reserved
)");
}

TEST(ConsoleTable, TellsWhatAnOperationRunsWhereThatWasCounted) {
  Report report = small_report();
  const auto add = [&](const char* id, std::uint64_t value, std::uint64_t n) {
    MetricValue metric;
    metric.id = id;
    metric.value = value;
    metric.n = n;
    report.runs[2].metrics.push_back(metric);
  };
  add("instr.total_count", 1'234'567, 30);
  add("instr.create_count", 1'015, 2);
  add("instr.destroy_count", 100, 10);
  EXPECT_NE(console_table(report, {}).find("\nvma: 1,234,567 instructions; each create 508, destroy 10\n"),
            std::string::npos);
}

TEST(ConsoleTable, NotesFollowTheTable) {
  Report report = small_report();
  report.status = Status::incomplete;
  report.scenario.substitutions = {{"BC7_UNORM_BLOCK", "BC3_UNORM_BLOCK"}};
  for (int i = 0; i < 8; ++i) report.warnings.emplace_back("noise", "run " + std::to_string(i));
  vkmembench::Run& run = report.runs[2];
  std::get<std::uint64_t>(run.metrics.back().value) = 12;
  run.events.push_back({"refusal", 31, "buffer of 64 MiB: out_of_device_memory"});
  run.checks.violations = {"overlap of 3 and 4"};
  report.runs[3].status = Status::timeout;
  const std::string text = console_table(report, {});
  EXPECT_NE(text.find("status incomplete"), std::string::npos);
  EXPECT_NE(text.find("\nformat BC7_UNORM_BLOCK replaced by BC3_UNORM_BLOCK\n"), std::string::npos);
  EXPECT_NE(text.find("\nwarning noise: run 4\nand 3 more warnings\n"), std::string::npos);
  EXPECT_NE(text.find("\nvma: 12 requests refused, first in frame 31: buffer of 64 MiB: out_of_device_memory\n"),
            std::string::npos);
  EXPECT_NE(text.find("\nvma: 1 violation, first: overlap of 3 and 4\n"), std::string::npos);
  EXPECT_NE(text.find("\ncore-default: timeout\n"), std::string::npos);
}

TEST(ConsoleTable, ARowThatWasCutShortSaysHowFarItCame) {
  Report report = small_report();
  report.scenario.event_count = 3000;
  report.runs[3].status = Status::timeout;
  report.runs[3].events_done = 640;
  const std::string text = console_table(report, {});
  const std::size_t row = text.find("\ncore-default ");
  ASSERT_NE(row, std::string::npos);
  EXPECT_TRUE(text.substr(0, text.find('\n', row + 1)).ends_with("  timeout at 21 %")) << text;
  EXPECT_NE(text.find("\ncore-default: timeout at 21 %\n"), std::string::npos) << text;
}

TEST(ConsoleTable, EqualValuesAndTheFloorAreNotMarked) {
  Report report = small_report();
  report.runs.erase(report.runs.begin() + 2, report.runs.end());
  // One strategy beside the floor: nothing to compare.
  const std::string text = console_table(report, {});
  EXPECT_EQ(text.find('+'), std::string::npos);
  EXPECT_EQ(text.find("best"), std::string::npos);
}

// The values of a row as printed, by the strategy's name.
std::string row_of(const std::string& text, const std::string& strategy) {
  const std::size_t begin = text.find("\n" + strategy + " ") + 1;
  return text.substr(begin, text.find('\n', begin) - begin);
}
MetricValue& metric_of(vkmembench::Run& run, const std::string& id) {
  return *std::ranges::find(run.metrics, id, &MetricValue::id);
}

TEST(ConsoleTable, WhoRefusedMoreCompetesOnlyInThat) {
  Report report = small_report();
  metric_of(report.runs[1], "alloc.failed_count").value = std::uint64_t{12};
  const std::string text = console_table(report, {});
  EXPECT_EQ(row_of(text, "dedicated").find('+'), std::string::npos) << text;
  EXPECT_TRUE(row_of(text, "dedicated").ends_with("12-")) << text;
  EXPECT_NE(row_of(text, "core-default").find("1.37 GiB+"), std::string::npos) << text;
}

TEST(ConsoleTable, ValuesThatLeaveSomethingOutCompeteAmongTheirLike) {
  Report report = small_report();
  const auto leave_out = [&](std::size_t i) {
    metric_of(report.runs[i], "mem.reserved_over_live_ratio").note = "over what was served";
  };
  leave_out(1);
  EXPECT_NE(row_of(console_table(report, {}), "core-default").find("1.09+"), std::string::npos);
  EXPECT_NE(row_of(console_table(report, {}), "dedicated").find("1.03* "), std::string::npos);
  leave_out(2);
  leave_out(3);
  EXPECT_NE(row_of(console_table(report, {}), "dedicated").find("1.03*+"), std::string::npos);
}

TEST(ConsoleTable, AColumnWithoutValuesSaysWhy) {
  Report report = small_report();
  for (vkmembench::Run& run : report.runs) {
    std::erase_if(run.metrics, [](const MetricValue& metric) { return metric.id.starts_with("time.frame_ns"); });
  }
  const std::string text = console_table(report, {});
  EXPECT_NE(text.find("n/a: frame p99 of all: not measured in this run\n"), std::string::npos) << text;
}

TEST(ConsoleTable, ImagesStandInForBuffers) {
  Report report = small_report();
  for (vkmembench::Run& run : report.runs) {
    for (MetricValue& metric : run.metrics) {
      if (metric.id.starts_with("time.create_buffer_ns")) metric.id.replace(5, 13, "create_image");
    }
  }
  const std::string text = console_table(report, {});
  EXPECT_NE(text.find("image p50"), std::string::npos);
  EXPECT_NE(text.find("71.5 ns"), std::string::npos);
}

TEST(ConsoleTable, ColourAddsNothingButColour) {
  const Report report = small_report();
  const std::string plain = console_table(report, {.color = false, .utf8 = true});
  std::string painted = console_table(report, {.color = true, .utf8 = true});
  EXPECT_NE(painted, plain);
  EXPECT_NE(plain.find("▲"), std::string::npos);
  EXPECT_NE(plain.find("µs"), std::string::npos);
  for (std::size_t at = painted.find('\x1b'); at != std::string::npos; at = painted.find('\x1b')) {
    painted.erase(at, painted.find('m', at) - at + 1);
  }
  EXPECT_EQ(painted, plain);
}

TEST(ConsoleTable, AsciiIsAscii) {
  const std::string text = console_table(small_report(), {});
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
}

TEST(ConsoleTable, KeepsWithinTheWidth) {
  Report report = small_report();
  report.runs[3].strategy = "core-default{arenas=2,alignment=smart,fallback=forbidden}";
  report.warnings.emplace_back("long", std::string(300, 'w'));
  for (vkmembench::Run& run : report.runs) {
    for (MetricValue& metric : run.metrics) {
      if (metric.id.starts_with("api.")) metric.value = std::uint64_t{1'234'567};
      if (metric.id == "time.create_buffer_ns.p50") metric.value = 123'456.0;
    }
  }
  for (const std::size_t width : {80u, 100u, 120u}) {
    std::istringstream lines(console_table(report, {.width = width}));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), width) << line;
  }
}

TEST(ConsoleTable, LeavesOutColumnsOfANarrowTerminalAndSaysWhich) {
  const std::string text = console_table(small_report(), {.width = 80});
  EXPECT_NE(text.find("\nstrategy     reserved  / live    frag  buffer p50     p99  frame p99  failed\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\nmax, calls left out: a wider terminal shows them, and the report has all\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(console_table(small_report(), {.width = 100}).find("left out"), std::string::npos);
}

// The report as of the wall clock on a real GPU: times with half an interval's width as a share of them.
Report measured(double half_width) {
  Report report = small_report();
  report.device.simulated = false;
  for (vkmembench::Run& run : report.runs) {
    run.clock = "wall";
    run.rounds = 9;
    for (MetricValue& metric : run.metrics) {
      metric.metric_class.reset();
      if (class_of(metric) != MetricClass::noisy) continue;
      metric.low = *as_number(metric) * (1 - half_width);
      metric.high = *as_number(metric) * (1 + half_width);
    }
  }
  return report;
}

TEST(ConsoleTable, TimesOfRoundsCarryTheirSpread) {
  const std::string text = console_table(measured(0.04), {.width = 200, .utf8 = true});
  EXPECT_NE(text.find("clock wall · 9 rounds · ordered replay"), std::string::npos) << text;
  EXPECT_NE(text.find(" 71.5 ns ±4 %  "), std::string::npos) << text;
  EXPECT_NE(text.find(" 64 ns ±4 %▲ "), std::string::npos) << text;
  EXPECT_NE(text.find("times are medians over rounds, ± half of the 95 % interval"), std::string::npos) << text;
}

TEST(ConsoleTable, NothingIsMarkedWhereIntervalsOverlap) {
  const std::string text = console_table(measured(0.06), {.width = 200, .utf8 = true});
  EXPECT_NE(text.find(" 64 ns ±6 %  "), std::string::npos) << text;
  EXPECT_NE(text.find("21.0 µs ±6 %▼"), std::string::npos) << "the worst is apart from all others\n" << text;
}

TEST(ConsoleTable, TimesWithoutAnIntervalRankNobody) {
  Report report = measured(0.01);
  for (vkmembench::Run& run : report.runs) {
    for (MetricValue& metric : run.metrics) metric.low = metric.high = std::nullopt;
  }
  const std::string text = console_table(report, {.width = 200, .utf8 = true});
  EXPECT_NE(text.find("1.29 GiB▲"), std::string::npos) << "bytes are exact\n" << text;
  EXPECT_EQ(text.find("ns▲"), std::string::npos) << text;
  EXPECT_EQ(text.find("µs▼"), std::string::npos) << text;
}

TEST(ConsoleTable, TheWallClockOnASimulatedDeviceRanksNoTimes) {
  Report report = measured(0.01);
  report.device.simulated = true;
  const std::string text = console_table(report, {.width = 200, .utf8 = true});
  EXPECT_NE(text.find("only the allocator's own work is timed"), std::string::npos) << text;
  EXPECT_EQ(text.find("%▲ "), text.find("0.0 %▲ ") + 4) << "only the shares of free bytes are marked\n" << text;
}

TEST(ConsoleTable, APercentileOfTooFewSamplesGivesWayToTheMaximum) {
  Report report = measured(0.01);
  for (vkmembench::Run& run : report.runs) {
    add_metric(run, "time.frame_ns.max", 9e6, {}, 60);
    for (MetricValue& metric : run.metrics) {
      if (metric.id.ends_with(".p99")) metric.needs_n = 1000;
      if (metric.id == "time.create_buffer_ns.max") metric.n = 58;
    }
  }
  const std::string text = console_table(report, {.width = 200, .utf8 = true});
  EXPECT_EQ(text.find("p99"), std::string::npos) << text;
  EXPECT_NE(text.find("max of 58"), std::string::npos) << text;
  EXPECT_NE(text.find("frame max of 60"), std::string::npos) << text;
}

TEST(ConsoleTable, WithoutRuns) {
  Report report;
  report.scenario.name = "empty";
  EXPECT_NE(console_table(report, {}).find("no strategy has run"), std::string::npos);
}

}  // namespace
}  // namespace vkmembench
