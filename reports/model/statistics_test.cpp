#include "reports/model/statistics.h"
#include "cmake/source_dir.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>

namespace vkmembench {
namespace {

constexpr std::array<std::size_t, 3> kLooks = {12, 20, 32};
const std::string kGolden = source_dir() + "/reports/golden/";

const nlohmann::ordered_json& golden() {
  static const auto json = nlohmann::ordered_json::parse(std::ifstream(kGolden + "statistics.json"));
  return json;
}

void expect_near(double value, double expected, const std::string& what) {
  EXPECT_NEAR(value, expected, 1e-12 * std::abs(expected)) << what;
}

std::vector<double> logs(const nlohmann::ordered_json& ratios) {
  std::vector<double> out;
  for (const auto& ratio : ratios) out.push_back(std::log(ratio.get<double>()));
  return out;
}

TEST(Statistics, BinomialTailsAreTheGoldenOnes) {
  ASSERT_FALSE(golden().at("binomial_tails").empty());
  for (const auto& row : golden().at("binomial_tails"))
    expect_near(binomial_tail(row.at("count"), row.at("of")), row.at("p"), row.dump());
}

TEST(Statistics, IntervalRanksAreTheGoldenOnes) {
  ASSERT_FALSE(golden().at("interval_ranks").empty());
  for (const auto& row : golden().at("interval_ranks")) {
    const auto ranks = interval_ranks(row.at("n"), row.at("confidence"));
    ASSERT_EQ(ranks.has_value(), !row.at("ranks").is_null()) << row;
    if (ranks) {
      EXPECT_EQ(ranks->first, row.at("ranks").at(0)) << row;
      EXPECT_EQ(ranks->second, row.at("ranks").at(1)) << row;
    }
  }
}

TEST(Statistics, HolmIsTheGoldenOne) {
  ASSERT_FALSE(golden().at("holm").empty());
  for (const auto& row : golden().at("holm"))
    EXPECT_EQ(holm(row.at("p").get<std::vector<double>>(), row.at("alpha")),
              row.at("rejected").get<std::vector<bool>>())
        << row;
}

TEST(Statistics, EvidenceIsTheGoldenOne) {
  ASSERT_FALSE(golden().at("evidence").empty());
  for (const auto& row : golden().at("evidence")) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < row.at("base").size(); ++i)
      ratios.push_back(std::log(row.at("candidate")[i].get<double>() / row.at("base")[i].get<double>()));
    const Evidence evidence = weigh(ratios, row.at("margin"));
    EXPECT_EQ(evidence.pairs, row.at("base").size());
    expect_near(evidence.ratio, row.at("ratio"), "ratio");
    EXPECT_EQ(evidence.worse, row.at("worse"));
    expect_near(evidence.p_regressed, row.at("p_regressed"), "p_regressed");
    expect_near(evidence.p_passed, row.at("p_passed"), "p_passed");
    if (row.at("low").is_null()) {
      EXPECT_EQ(evidence.low, 0);
      EXPECT_EQ(evidence.high, std::numeric_limits<double>::infinity());
    } else {
      expect_near(evidence.low, row.at("low"), "low");
      expect_near(evidence.high, row.at("high"), "high");
    }
  }
}

TEST(Statistics, DecisionsAreTheGoldenOnes) {
  ASSERT_FALSE(golden().at("decisions").empty());
  for (const auto& row : golden().at("decisions")) {
    std::vector<PairedMetric> metrics;
    const bool has_control = row.contains("control") && !row.at("control").is_null();
    for (const auto& [id, ratios] : row.at("ratios").items()) {
      PairedMetric& metric = metrics.emplace_back();
      metric.id = id;
      metric.log_ratios = logs(ratios);
      if (has_control) metric.control = logs(row.at("control").at(id));
    }
    const Decision decision = decide(metrics, kLooks, has_control);
    EXPECT_EQ(to_text(decision.verdict), row.at("verdict").get<std::string>());
    EXPECT_EQ(decision.pairs, row.at("pairs"));
    std::map<std::string, std::string> verdicts;
    for (const MetricDecision& metric : decision.metrics) verdicts[metric.id] = to_text(metric.verdict);
    EXPECT_EQ(verdicts, (row.at("metrics").get<std::map<std::string, std::string>>()));
  }
}

// Every gate of the recorded measurements, decided again.
struct Tally {
  std::size_t passed = 0, inconclusive = 0, regressed = 0;
};

std::map<std::tuple<std::string, double>, Tally> replay(bool has_control) {
  std::ifstream file(kGolden + "recorded_pairs.csv");
  std::map<std::tuple<std::string, double, int>, PairedMetric> gates;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::ranges::replace(line, ',', ' ');
    std::istringstream row(line);
    std::string load;
    double effect = 0, base = 0, control = 0, candidate = 0;
    int gate = 0, pair = 0;
    row >> load >> effect >> gate >> pair >> base >> control >> candidate;
    if (pair == 32) continue;
    PairedMetric& metric = gates[{load, effect, gate}];
    metric.id = "p50";
    metric.log_ratios.push_back(std::log(candidate / base));
    metric.control.push_back(std::log(control / base));
  }
  std::map<std::tuple<std::string, double>, Tally> tallies;
  for (const auto& [key, metric] : gates) {
    EXPECT_EQ(metric.log_ratios.size(), 32U);
    Tally& tally = tallies[{std::get<0>(key), std::get<1>(key)}];
    const Verdict verdict = decide(std::span(&metric, 1), kLooks, has_control).verdict;
    ++(verdict == Verdict::passed      ? tally.passed
       : verdict == Verdict::regressed ? tally.regressed
                                       : tally.inconclusive);
  }
  return tallies;
}

TEST(Statistics, RecordedPairsAreDecidedAsTheGoldenOnes) {
  const std::map<bool, std::map<std::tuple<std::string, double>, Tally>> found = {{false, replay(false)},
                                                                                  {true, replay(true)}};
  ASSERT_FALSE(golden().at("recorded_pairs").empty());
  for (const auto& row : golden().at("recorded_pairs")) {
    const Tally& tally = found.at(row.at("control")).at({row.at("load"), row.at("effect")});
    EXPECT_EQ(tally.passed, row.at("passed")) << row;
    EXPECT_EQ(tally.regressed, row.at("regressed")) << row;
    EXPECT_EQ(tally.inconclusive, row.at("inconclusive")) << row;
  }
}

TEST(Statistics, RecordedPairsGiveNoFalseRegressionAndFindThePlantedOnes) {
  for (const bool has_control : {false, true}) {
    std::map<double, Tally> by_effect;
    for (const auto& [key, tally] : replay(has_control)) {
      Tally& sum = by_effect[std::get<1>(key)];
      sum.passed += tally.passed;
      sum.regressed += tally.regressed;
      sum.inconclusive += tally.inconclusive;
    }
    EXPECT_EQ(by_effect.at(0.0).regressed, 0U);
    EXPECT_GE(by_effect.at(0.0).passed, 72U);
    EXPECT_GE(by_effect.at(0.1).regressed, 72U);
  }
}

TEST(Statistics, SentenceSaysWhatAPersonCanCount) {
  std::vector<double> ratios(20, std::log(1.1));
  std::fill_n(ratios.begin(), 3, 0.0);
  EXPECT_EQ(sentence(weigh(ratios, 0.05)), "17 of 20 pairs worse by more than 5 %, p = 0.0013");
}

TEST(Statistics, GroupedMedianMovesWhereThePlainOneJumps) {
  using Groups = std::vector<std::pair<double, std::uint64_t>>;
  EXPECT_EQ(grouped_median(Groups{{7, 5}}), 7);
  EXPECT_EQ(grouped_median(Groups{{10, 1}, {20, 2}, {30, 1}}), 20);
  double last = 0;
  // A clock of 10 ns reads 130 or 140; more and more read 140.
  for (std::uint64_t later = 0; later <= 100; later += 10) {
    const double median = grouped_median(Groups{{120, 50}, {130, 100 - later}, {140, later}, {150, 50}});
    EXPECT_GT(median, last);
    last = median;
  }
  EXPECT_NEAR(grouped_median(Groups{{120, 50}, {130, 100}, {140, 0}, {150, 50}}), 130, 5);
}

TEST(Statistics, FewerPairsThanTheFirstLookDecideNothing) {
  PairedMetric metric{"p50", 0.05, std::vector<double>(11, 1.0), {}};
  const Decision decision = decide(std::span(&metric, 1), kLooks, false);
  EXPECT_EQ(decision.verdict, Verdict::inconclusive);
  EXPECT_EQ(decision.pairs, 0U);
}

}  // namespace
}  // namespace vkmembench
