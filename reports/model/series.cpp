#include "reports/model/series.h"

#include <algorithm>
#include <utility>

#include "allocator/base/check.h"

namespace vkmembench {

SeriesRecorder::SeriesRecorder(std::uint32_t max_points) : max_points_(max_points & ~std::uint32_t{1}) {}

void SeriesRecorder::add_column(std::string id) {
  VKMEMBENCH_CHECK(series_.frame.empty(), "columns are added before the first sample");
  series_.columns.push_back({std::move(id), {}, {}, {}});
}

void SeriesRecorder::sample(std::uint64_t frame, std::span<const double> values) {
  VKMEMBENCH_CHECK(values.size() == series_.columns.size(), "a sample has one value for each column");
  if (max_points_ == 0) return;
  if (!series_.frame.empty() && in_last_ < samples_a_point_) {
    ++in_last_;
    series_.frame.back() = frame;
    for (std::size_t i = 0; i < values.size(); ++i) {
      Series::Column& column = series_.columns[i];
      column.last.back() = values[i];
      column.min.back() = std::min(column.min.back(), values[i]);
      column.max.back() = std::max(column.max.back(), values[i]);
    }
    return;
  }
  if (series_.frame.size() == max_points_) merge_pairs();
  in_last_ = 1;
  series_.frame.push_back(frame);
  for (std::size_t i = 0; i < values.size(); ++i) {
    Series::Column& column = series_.columns[i];
    column.last.push_back(values[i]);
    column.min.push_back(values[i]);
    column.max.push_back(values[i]);
  }
}

void SeriesRecorder::merge_pairs() {
  const std::size_t half = max_points_ / 2;
  for (std::size_t i = 0; i < half; ++i) series_.frame[i] = series_.frame[2 * i + 1];
  series_.frame.resize(half);
  for (Series::Column& column : series_.columns) {
    for (std::size_t i = 0; i < half; ++i) {
      column.last[i] = column.last[2 * i + 1];
      column.min[i] = std::min(column.min[2 * i], column.min[2 * i + 1]);
      column.max[i] = std::max(column.max[2 * i], column.max[2 * i + 1]);
    }
    column.last.resize(half);
    column.min.resize(half);
    column.max.resize(half);
  }
  samples_a_point_ *= 2;
}

}  // namespace vkmembench
