#include "reports/model/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace vkmembench {
namespace {

TEST(Histogram, BinsTileTheValuesWithoutGap) {
  const std::uint32_t last = Histogram::bin_of(~std::uint64_t{0});
  EXPECT_EQ(Histogram::bin_low(0), 0u);
  for (std::uint32_t bin = 0; bin <= last; ++bin) {
    const std::uint64_t low = Histogram::bin_low(bin);
    const std::uint64_t high = low + (Histogram::bin_width(bin) - 1);
    ASSERT_EQ(Histogram::bin_of(low), bin);
    ASSERT_EQ(Histogram::bin_of(high), bin);
    if (bin < last) {
      ASSERT_EQ(Histogram::bin_low(bin + 1), high + 1);
    } else {
      ASSERT_EQ(high, ~std::uint64_t{0});
    }
  }
}

// A record holds many histograms, and most stay empty.
TEST(Histogram, HasNoBinsWithoutValues) {
  Histogram histogram;
  histogram.merge(Histogram());
  EXPECT_TRUE(histogram.bins().empty());
  histogram.add(5);
  EXPECT_EQ(histogram.bins().size(), Histogram::bin_of(~std::uint64_t{0}) + 1);
}

TEST(Histogram, IsExactForSmallValues) {
  for (std::uint64_t value = 0; value < 128; ++value) EXPECT_EQ(Histogram::bin_width(Histogram::bin_of(value)), 1u);
  EXPECT_EQ(Histogram::bin_width(Histogram::bin_of(128)), 2u);
}

std::vector<std::uint64_t> log_uniform(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> exponent(0.0, 40.0);
  std::vector<std::uint64_t> values(count);
  for (std::uint64_t& value : values) value = static_cast<std::uint64_t>(std::exp2(exponent(random)));
  return values;
}

TEST(Histogram, QuantilesAreWithinABin) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    std::vector<std::uint64_t> values = log_uniform(20'000, seed);
    Histogram histogram;
    for (const std::uint64_t value : values) histogram.add(value);
    std::sort(values.begin(), values.end());
    for (const double q : {0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999}) {
      const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
      const auto exact = static_cast<double>(values[rank - 1]);
      EXPECT_NEAR(histogram.quantile(q), exact, 0.008 * exact) << "seed " << seed << " q " << q;
    }
    EXPECT_EQ(histogram.min(), values.front());
    EXPECT_EQ(histogram.max(), values.back());
    EXPECT_NEAR(histogram.quantile(0), static_cast<double>(values.front()),
                0.008 * static_cast<double>(values.front()));
    EXPECT_NEAR(histogram.quantile(1), static_cast<double>(values.back()), 0.008 * static_cast<double>(values.back()));
  }
}

TEST(Histogram, EmptyAndSingle) {
  Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.min(), 0u);
  EXPECT_EQ(histogram.max(), 0u);
  EXPECT_EQ(histogram.mean(), 0.0);
  EXPECT_EQ(histogram.quantile(0.5), 0.0);
  histogram.add(1'000'003);
  for (const double q : {0.0, 0.5, 1.0}) EXPECT_EQ(histogram.quantile(q), 1'000'003.0);
  EXPECT_EQ(histogram.mean(), 1'000'003.0);
}

TEST(Histogram, MergingIsConcatenating) {
  Histogram a;
  Histogram b;
  Histogram both;
  for (const std::uint64_t value : log_uniform(1000, 4)) {
    a.add(value);
    both.add(value);
  }
  for (const std::uint64_t value : log_uniform(500, 5)) {
    b.add(value);
    both.add(value);
  }
  a.merge(b);
  EXPECT_EQ(a.bins(), both.bins());
  EXPECT_EQ(a.count(), both.count());
  EXPECT_EQ(a.sum(), both.sum());
  EXPECT_EQ(a.min(), both.min());
  EXPECT_EQ(a.max(), both.max());
  Histogram empty;
  empty.merge(a);
  EXPECT_EQ(empty.bins(), a.bins());
  EXPECT_EQ(empty.min(), a.min());
  a.merge(Histogram());
  EXPECT_EQ(a.bins(), both.bins());
  EXPECT_EQ(a.min(), both.min());
}

}  // namespace
}  // namespace vkmembench
