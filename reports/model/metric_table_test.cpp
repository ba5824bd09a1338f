#include "reports/model/metric_table.h"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>
#include <utility>

#include "allocator/device/entry_points.h"

namespace vkmembench {
namespace {

// Whether the words between underscores hold these in a row.
bool has_words(const std::string& name, std::string_view words) {
  return std::string("_").append(name).append("_").find(std::string("_").append(words).append("_")) !=
         std::string::npos;
}

class MetricRows : public testing::TestWithParam<MetricInfo> {};

TEST_P(MetricRows, AreWellFormed) {
  const MetricInfo& row = GetParam();
  const std::size_t dot = row.id.find('.');
  ASSERT_NE(dot, std::string_view::npos);
  EXPECT_EQ(row.id.find('.', dot + 1), std::string_view::npos);
  EXPECT_EQ(row.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_."), std::string_view::npos);
  EXPECT_FALSE(row.definition.empty());
  EXPECT_EQ(row.definition.find('\n'), std::string_view::npos);
  EXPECT_TRUE(row.has_headline || !row.stats.empty());

  // The name carries the unit.
  const std::string name(row.id.substr(dot + 1));
  if (row.unit == "count") {
    EXPECT_TRUE(has_words(name, "count") || name == "device_memory_objects_peak" || name == "invalid_calls") << name;
  } else if (row.unit == "per_s") {
    EXPECT_TRUE(name.ends_with("per_s"));
  } else {
    EXPECT_TRUE(has_words(name, row.unit)) << name << " " << row.unit;
  }
  EXPECT_TRUE(std::set<std::string_view>({"bytes", "count", "ns", "ratio", "byte_frames", "per_s", "bytes_per_s"})
                  .contains(row.unit));
  EXPECT_TRUE(
      std::set<std::string_view>({"", "label", "size", "cause", "category", "kind", "pool"}).contains(row.scope));
}

TEST_P(MetricRows, AreFoundByHeadlineAndStats) {
  const MetricInfo& row = GetParam();
  const std::string id(row.id);
  EXPECT_EQ(find_metric(id) != nullptr, row.has_headline);
  if (row.has_headline) {
    EXPECT_EQ(find_metric(id)->id, row.id);
  }
  const std::set<std::string_view> stats = {"p50", "p90", "p99", "p999", "max", "mean", "n", "at_peak", "end", "worst"};
  std::string_view rest = row.stats;
  while (!rest.empty()) {
    const std::string_view stat = rest.substr(0, rest.find(' '));
    EXPECT_TRUE(stats.contains(stat)) << stat;
    const MetricInfo* found = find_metric(std::string(id).append(".").append(stat));
    ASSERT_NE(found, nullptr) << stat;
    EXPECT_EQ(found->id, row.id);
    rest.remove_prefix(std::min(stat.size() + 1, rest.size()));
  }
  EXPECT_EQ(find_metric(id + "."), nullptr);
  EXPECT_EQ(find_metric(id + ".p42"), nullptr);
  EXPECT_EQ(find_metric(id + "x"), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Table, MetricRows, testing::ValuesIn(metric_table().begin(), metric_table().end()),
                         [](const auto& each) {
                           std::string name(each.param.id);
                           for (char& c : name) c = c == '.' ? '_' : c;
                           return name;
                         });

TEST(MetricTable, NamesEachMetricOnce) {
  std::set<std::string_view> ids;
  for (const MetricInfo& row : metric_table()) EXPECT_TRUE(ids.insert(row.id).second) << row.id;
}

TEST(MetricTable, HasCountAndTimeOfEachEntryPoint) {
  for (const std::string_view name : kEntryPointNames) {
    const MetricInfo* count = find_metric(std::string("api.").append(name).append("_count"));
    const MetricInfo* ns = find_metric(std::string("api.").append(name).append("_ns"));
    ASSERT_NE(count, nullptr) << name;
    ASSERT_NE(ns, nullptr) << name;
    EXPECT_EQ(count->metric_class, MetricClass::exact);
    EXPECT_EQ(ns->metric_class, MetricClass::noisy);
  }
}

TEST(MetricTable, KnowsNoOtherIds) {
  for (const char* id : {"", ".", "mem", "mem.", "mem.reserved_peak", "time.create_buffer_ns", "mem.stranded_bytes",
                         "frag.rss_ratio.max", "time.frame_ns.p90"}) {
    EXPECT_EQ(find_metric(id), nullptr) << id;
  }
}

// The words of a text: runs of letters.
std::set<std::string> words_of(std::string_view text) {
  std::set<std::string> words;
  std::string word;
  for (const char c : std::string(text) + ' ') {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      word += c;
    } else if (!word.empty()) {
      words.insert(std::exchange(word, {}));
    }
  }
  return words;
}

TEST(MetricTable, FormulasUseTheSymbolsAndNoOthers) {
  std::set<std::string> known = {"sqrt", "floor"};
  for (const MetricSymbol& each : metric_symbols()) {
    EXPECT_FALSE(each.meaning.empty()) << each.symbol;
    EXPECT_TRUE(known.insert(std::string(each.symbol)).second) << each.symbol;
  }
  std::set<std::string> used;
  for (const MetricInfo& row : metric_table()) used.merge(words_of(row.formula));
  EXPECT_EQ(used, known);
}

TEST(MetricTable, TraitsOfStats) {
  EXPECT_EQ(traits_of("time.create_buffer_ns.p99").unit, "ns");
  EXPECT_EQ(traits_of("time.create_buffer_ns.p99").better, Better::lower);
  EXPECT_EQ(traits_of("time.create_buffer_ns.n").unit, "count");
  EXPECT_EQ(traits_of("time.create_buffer_ns.n").better, Better::neither);
  EXPECT_EQ(traits_of("time.create_buffer_ns.n").metric_class, MetricClass::noisy);
  EXPECT_EQ(traits_of("frag.placeability_ratio").better, Better::higher);
  EXPECT_EQ(traits_of("trace.unfreed_count").metric_class, MetricClass::info);
  EXPECT_EQ(traits_of("host.peak_bytes").metric_class, MetricClass::bounded);
  EXPECT_DEATH((void)traits_of("mem.no_such_bytes"), "every metric has a row");
}

TEST(MetricTable, Texts) {
  EXPECT_EQ(to_text(MetricClass::exact), "exact");
  EXPECT_EQ(to_text(MetricClass::info), "info");
  EXPECT_EQ(to_text(Better::lower), "lower");
  EXPECT_EQ(to_text(Better::neither), "neither");
}

}  // namespace
}  // namespace vkmembench
