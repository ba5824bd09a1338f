#include "reports/model/series.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace vkmembench {
namespace {

double sample_of(std::uint64_t frame) { return static_cast<double>((frame * 7919) % 1000); }

class SeriesSizes : public testing::TestWithParam<std::pair<std::uint32_t, std::uint64_t>> {};

TEST_P(SeriesSizes, PointsStandForRunsOfSamples) {
  const auto& [points, samples] = GetParam();
  SeriesRecorder recorder(points);
  recorder.add_column("a");
  recorder.add_column("frame");
  for (std::uint64_t frame = 0; frame < samples; ++frame) {
    recorder.sample(frame, std::array{sample_of(frame), static_cast<double>(frame)});
  }
  const Series& series = recorder.series();
  if (samples <= points) {
    EXPECT_EQ(series.frame.size(), samples);
  } else {
    EXPECT_GT(series.frame.size(), points / 2);
    EXPECT_LE(series.frame.size(), points);
  }
  ASSERT_EQ(series.columns.size(), 2u);
  // Each point covers the samples after the point before it, up to its own frame.
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < series.frame.size(); ++i) {
    const std::uint64_t end = series.frame[i];
    double low = sample_of(begin);
    double high = low;
    for (std::uint64_t frame = begin; frame <= end; ++frame) {
      low = std::min(low, sample_of(frame));
      high = std::max(high, sample_of(frame));
    }
    EXPECT_EQ(series.columns[0].last[i], sample_of(end));
    EXPECT_EQ(series.columns[0].min[i], low);
    EXPECT_EQ(series.columns[0].max[i], high);
    EXPECT_EQ(series.columns[1].last[i], static_cast<double>(end));
    EXPECT_EQ(series.columns[1].min[i], static_cast<double>(begin));
    if (i > 0 && i + 1 < series.frame.size()) {
      EXPECT_EQ(end + 1 - begin, series.frame[0] + 1);
    }
    begin = end + 1;
  }
  EXPECT_EQ(begin, samples);
}

INSTANTIATE_TEST_SUITE_P(Table, SeriesSizes,
                         testing::Values(std::pair{8u, 0u}, std::pair{8u, 1u}, std::pair{8u, 8u}, std::pair{8u, 9u},
                                         std::pair{8u, 16u}, std::pair{8u, 17u}, std::pair{8u, 1000u},
                                         std::pair{2u, 100u}, std::pair{256u, 255u}, std::pair{256u, 10'000u}));

TEST(Series, OddAndTinyBounds) {
  for (const std::uint32_t points : {0u, 1u}) {
    SeriesRecorder recorder(points);
    recorder.add_column("a");
    recorder.sample(0, std::array{1.0});
    EXPECT_TRUE(recorder.series().frame.empty());
  }
  SeriesRecorder recorder(5);
  recorder.add_column("a");
  for (std::uint64_t frame = 0; frame < 100; ++frame) recorder.sample(frame, std::array{1.0});
  EXPECT_LE(recorder.series().frame.size(), 4u);
}

TEST(SeriesDeathTest, Misuse) {
  SeriesRecorder recorder(4);
  recorder.add_column("a");
  EXPECT_DEATH(recorder.sample(0, {}), "one value for each column");
  recorder.sample(0, std::array{1.0});
  EXPECT_DEATH(recorder.add_column("b"), "before the first sample");
}

}  // namespace
}  // namespace vkmembench
