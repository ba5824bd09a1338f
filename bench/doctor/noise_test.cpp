#include "bench/doctor/noise.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vkmembench {
namespace {

TEST(Noise, WithoutAnyTheMarginIsVisible) {
  EXPECT_NEAR(smallest_visible_change(std::vector<double>(12, 0.0), 0.05), 0.05, 1e-12);
}

TEST(Noise, FourOfFivePairsMustPassTheMargin) {
  // 1 %, 2 %, ..., 10 % either way: the lowest fifth ends at -6 %.
  std::vector<double> ratios;
  for (int i = 1; i <= 10; ++i) ratios.push_back(std::log1p(0.01 * i));
  EXPECT_NEAR(smallest_visible_change(ratios, 0.05), 1.05 * 1.07 - 1, 0.011);
}

TEST(Noise, MoreNoiseHidesMore) {
  double last = 0;
  for (const double spread : {0.0, 0.01, 0.05, 0.2}) {
    std::vector<double> ratios;
    for (int i = -6; i <= 6; ++i) ratios.push_back(spread * i / 6);
    const double change = smallest_visible_change(ratios, 0.05);
    EXPECT_GE(change, last);
    last = change;
  }
}

}  // namespace
}  // namespace vkmembench
