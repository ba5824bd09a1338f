#include "reports/judge/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "allocator/base/error.h"
#include "reports/judge/device_difference.h"
#include "reports/testing/report_fixture.h"

namespace vkmembench {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

using Sets = std::vector<std::vector<StoredReport>>;

const ComparedRow* row_of(const std::vector<ComparedRow>& rows, const std::string& metric,
                          const std::string& strategy) {
  const auto found = std::ranges::find_if(
      rows, [&](const ComparedRow& row) { return row.metric == metric && row.strategy == strategy; });
  return found == rows.end() ? nullptr : &*found;
}

std::optional<ErrorKind> refusal_of(const Sets& sets) {
  try {
    static_cast<void>(compare(sets));
  } catch (const Error& error) {
    return error.kind();
  }
  return std::nullopt;
}

TEST(Comparison, TwoCommitsAreMeasuredByTheFirst) {
  const Sets sets = {{sample("regression/before")}, {sample("regression/after")}};
  const auto scenarios = compare(sets);
  ASSERT_EQ(scenarios.size(), 1U);
  EXPECT_FALSE(scenarios[0].several_devices);
  const ComparedRow* reserved = row_of(scenarios[0].rows, "mem.reserved_peak_bytes", "engine");
  ASSERT_NE(reserved, nullptr);
  EXPECT_EQ(reserved->cells[0].value, 442680688.0);
  EXPECT_EQ(reserved->cells[1].value, 599817824.0);
  EXPECT_NEAR(*reserved->cells[1].ratio, 599817824.0 / 442680688.0, 1e-12);
  EXPECT_NE(row_of(scenarios[0].changed, "block.count_peak", "engine"), nullptr);
  EXPECT_EQ(row_of(scenarios[0].changed, "mem.required_peak_bytes", "engine"), nullptr) << "it is the same";
  EXPECT_THAT(comparison_text(scenarios, true), HasSubstr("422 MiB"));
}

TEST(Comparison, TimesCarryTheSpreadOfTheirRounds) {
  const auto measured = [](auto& json) {
    auto& metric = metric_in(json, "time.frame_ns.p99");
    metric["class"] = "noisy";
    metric["value"] = 1000;
    metric["low"] = 900;
    metric["high"] = 1060;
    metric["needs_n"] = 1000;
  };
  const Sets sets = {{changed("regression/before", measured)}, {changed("regression/after", measured)}};
  const auto scenarios = compare(sets);
  const ComparedRow* frame = row_of(scenarios[0].rows, "time.frame_ns.p99", "engine");
  ASSERT_NE(frame, nullptr);
  EXPECT_DOUBLE_EQ(frame->cells[0].spread, 0.08);
  EXPECT_THAT(comparison_text(scenarios, true), HasSubstr("1.00 us +-8 % (few)"));
}

TEST(Comparison, DevicesAreMeasuredByTheirOwnBaseline) {
  const Sets sets = {{sample("devices/nvidia-rtx-3090-churn")},
                     {sample("devices/amd-rx-6600-churn"), sample("devices/arm-mali-g7x-churn")}};
  const auto scenarios = compare(sets);
  ASSERT_EQ(scenarios.size(), 1U);
  const ScenarioComparison& churn = scenarios[0];
  EXPECT_TRUE(churn.several_devices);
  EXPECT_EQ(churn.baseline, "vma");
  for (const ComparedRow::Cell& cell : row_of(churn.rows, "mem.reserved_peak_bytes", "vma")->cells)
    EXPECT_EQ(cell.ratio, 1.0);
  const ComparedRow* core = row_of(churn.rows, "mem.reserved_peak_bytes", "core-default");
  const ComparedRow* vma = row_of(churn.rows, "mem.reserved_peak_bytes", "vma");
  for (std::size_t i = 0; i < core->cells.size(); ++i)
    EXPECT_DOUBLE_EQ(*core->cells[i].ratio, *core->cells[i].value / *vma->cells[i].value);
  EXPECT_THAT(churn.memory, Contains(HasSubstr("heaps: ")));
  const std::string text = comparison_text(scenarios, false);
  EXPECT_THAT(text, HasSubstr("how the devices' memory differs"));
  EXPECT_TRUE(nlohmann::json::accept(comparison_json(scenarios)));
}

TEST(Comparison, SaysWhereTheRankingFlips) {
  const auto reserve = [](double vma, double core) {
    return [=](auto& json) {
      metric_in(json, "mem.reserved_peak_bytes", 1)["value"] = vma;
      metric_in(json, "mem.reserved_peak_bytes", 2)["value"] = core;
    };
  };
  const auto flips_of = [&](double vma, double core) {
    const Sets sets = {{changed("devices/nvidia-rtx-3090-churn", reserve(100, 200))},
                       {changed("devices/amd-rx-6600-churn", reserve(vma, core))}};
    std::vector<RankingFlip> flips = compare(sets)[0].flips;
    std::erase_if(flips, [](const RankingFlip& flip) {
      return flip.metric != "mem.reserved_peak_bytes" || flip.one != "vma" || flip.other != "core-default";
    });
    return flips;
  };
  ASSERT_EQ(flips_of(200, 100).size(), 1U);
  EXPECT_THAT(flips_of(200, 100)[0].one_leads_on, Contains(HasSubstr("3090")));
  EXPECT_THAT(flips_of(200, 100)[0].other_leads_on, Contains(HasSubstr("6600")));
  EXPECT_THAT(flips_of(100, 200), IsEmpty());
  EXPECT_THAT(flips_of(101, 100), IsEmpty()) << "within 2 % they are level";
}

TEST(Comparison, RefusesARunThatATimeoutCutShort) {
  const Sets sets = {{sample("history/01")},
                     {changed("history/02", [](auto& json) { json["runs"][0]["status"] = "timeout"; })}};
  try {
    static_cast<void>(compare(sets));
    FAIL() << "compared";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_comparable);
    EXPECT_THAT(error.what(), HasSubstr("is cut short by a timeout"));
  }
}

TEST(Comparison, TimesOfAnotherClockAreLeftOut) {
  const Sets sets = {{sample("history/01")},
                     {changed("history/02", [](auto& json) { json["runs"][0]["clock"] = "model"; })}};
  const auto scenarios = compare(sets);
  for (const ComparedRow& row : scenarios[0].rows) {
    if (row.unit == "ns") {
      EXPECT_FALSE(row.cells[1].value.has_value()) << row.metric;
    } else {
      EXPECT_TRUE(row.cells[1].value.has_value()) << row.metric;
    }
  }
  EXPECT_THAT(scenarios[0].notes, Contains(HasSubstr("clock")));
}

TEST(Comparison, InstructionsOfOtherLibrariesAreLeftOut) {
  const auto counted = [](const char* library, int value) {
    return [=](auto& json) {
      json["tool"]["counted"] = {{"libc.so.6", library}};
      json["runs"][0]["metrics"].push_back({{"id", "instr.total_count"},
                                            {"value", value},
                                            {"unit", "count"},
                                            {"class", "exact"},
                                            {"better", "lower"},
                                            {"n", 1}});
    };
  };
  const auto is_counted = [](const ComparedRow& row) { return row.metric == "instr.total_count"; };
  const auto of_two = [&](const char* library) {
    return compare(Sets{{changed("history/01", counted("one", 100))}, {changed("history/02", counted(library, 101))}});
  };
  const auto alike = of_two("one");
  const auto other = of_two("another");
  const auto row = std::ranges::find_if(alike[0].changed, is_counted);
  ASSERT_NE(row, alike[0].changed.end());
  EXPECT_EQ(row->cells[1].value, 101);
  const auto left_out = std::ranges::find_if(other[0].changed, is_counted);
  EXPECT_TRUE(left_out == other[0].changed.end() || !left_out->cells[1].value.has_value());
  EXPECT_THAT(other[0].notes, Contains(HasSubstr("tool.counted")));
}

TEST(Comparison, ScopedMetricsAndThoseOfOneSideAreCompared) {
  const auto scoped = [](auto& json) {
    for (auto& metric : json["runs"][0]["metrics"]) {
      if (metric["id"] == "frag.placeability_ratio" && metric["scope"]["size"] == "64 KiB") metric["value"] = 0.125;
    }
  };
  const auto added = [](auto& json) {
    nlohmann::ordered_json metric = metric_in(json, "leak.count");
    metric["id"] = "future.wonder_count";
    json["runs"][0]["metrics"].push_back(std::move(metric));
  };
  const Sets sets = {{sample("regression/before")}, {changed("regression/before", [&](auto& json) {
                       scoped(json);
                       added(json);
                     })}};
  const auto scenarios = compare(sets);
  ASSERT_EQ(scenarios[0].changed.size(), 2U);
  EXPECT_EQ(scenarios[0].changed[0].scope, "64 KiB");
  EXPECT_EQ(scenarios[0].changed[0].cells[1].value, 0.125);
  EXPECT_EQ(scenarios[0].changed[1].metric, "future.wonder_count");
  EXPECT_FALSE(scenarios[0].changed[1].cells[0].value.has_value());
  EXPECT_THAT(comparison_text(scenarios, false), HasSubstr("frag.placeability_ratio [64 KiB]"));
  const Sets same = {{sample("regression/before")}, {sample("regression/before")}};
  EXPECT_THAT(comparison_text(compare(same), false), HasSubstr("no other exact metric of these strategies differs"));
}

TEST(Comparison, OneNameForTwoThingsIsNoted) {
  const auto notes_of = [](auto change) {
    const Sets sets = {{sample("regression/before")}, {changed("regression/before", change)}};
    return compare(sets)[0].notes;
  };
  EXPECT_THAT(notes_of([](auto&) {}), IsEmpty());
  EXPECT_THAT(notes_of([](auto& json) { json["runs"][0]["strategy"]["parameters"]["arenas"] = 9; }),
              Contains(testing::EndsWith(": arenas: 1 -> 9")));
  EXPECT_THAT(notes_of([](auto& json) { json["runs"][0]["replay"] = "concurrent"; }),
              Contains(HasSubstr("concurrent")));
  const auto other = [](auto& json) {
    json["runs"].push_back(json["runs"][0]);
    json["runs"][1]["strategy"]["name"] = "other";
  };
  EXPECT_THAT(notes_of(other), Contains(HasSubstr("has no run of other that ended")));
}

TEST(Comparison, WithoutTwoValuesOfAMetricNothingIsCompared) {
  const auto refused = [](auto change) {
    return refusal_of({{changed("regression/before", change)}, {changed("regression/before", change)}});
  };
  EXPECT_EQ(refused([](auto&) {}), std::nullopt);
  EXPECT_EQ(refused([](auto& json) { json["runs"][0]["strategy"]["name"] = "null"; }), ErrorKind::not_comparable);
  EXPECT_EQ(refused([](auto& json) { json["runs"][0]["status"] = "failed"; }), ErrorKind::not_comparable);
  EXPECT_EQ(refused([](auto& json) { json["runs"][0]["metrics"].clear(); }), ErrorKind::not_comparable);
  EXPECT_EQ(refused([](auto& json) {
              for (auto& metric : json["runs"][0]["metrics"]) metric["value"] = nullptr;
            }),
            ErrorKind::not_comparable);
  const auto renamed = [](auto& json) { json["runs"][0]["strategy"]["name"] = "other"; };
  EXPECT_EQ(refusal_of({{sample("regression/before")}, {changed("regression/before", renamed)}}),
            ErrorKind::not_comparable);
}

TEST(Comparison, WhatSharesNothingIsNotComparable) {
  EXPECT_EQ(refusal_of({{sample("history/01")}, {sample("regression/before")}}), ErrorKind::not_comparable);
  EXPECT_EQ(refusal_of({{sample("lanes/1")}, {sample("lanes/2")}}), ErrorKind::not_comparable) << "traces differ";
  const auto set = [](const char* key, const nlohmann::ordered_json& value) {
    return changed("history/02", [&](auto& json) { json[key] = value; });
  };
  EXPECT_EQ(refusal_of({{sample("history/01")}, {set("status", "incomplete")}}), ErrorKind::not_comparable);
  EXPECT_EQ(refusal_of({{sample("history/01")}, {set("runs", nlohmann::ordered_json::array())}}),
            ErrorKind::not_comparable);
}

TEST(DeviceDifference, NamesWhatDiffersInWords) {
  const DeviceInfo desktop = sample("devices/nvidia-rtx-3090-churn").head.device;
  const DeviceInfo phone = sample("devices/arm-mali-g7x-churn").head.device;
  EXPECT_THAT(memory_differences(desktop, desktop), IsEmpty());
  const auto lines = memory_differences(desktop, phone);
  EXPECT_THAT(lines, Contains(HasSubstr("host and device share its memory")));
  EXPECT_THAT(lines, Contains(HasSubstr("memory types")));
  DeviceInfo other = desktop;
  other.limits.bufferImageGranularity = 65536;
  ASSERT_EQ(memory_differences(desktop, other).size(), 1U);
  EXPECT_THAT(memory_differences(desktop, other)[0], HasSubstr("64.0 KiB"));
}

}  // namespace
}  // namespace vkmembench
