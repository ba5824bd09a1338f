#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "reports/model/report.h"

namespace vkmembench {

// Records columns over frames in bounded space: when all points are used, neighbours merge pairwise and each point
// stands for twice as many samples. A point keeps the frame and value of its last sample, and the least and greatest of
// all. After more samples than points it holds more than half of them.
class SeriesRecorder {
 public:
  // An odd number of points counts as the even one below; fewer than 2 records nothing.
  explicit SeriesRecorder(std::uint32_t max_points = 256);

  // Requires no sample yet.
  void add_column(std::string id);
  // One sample of every column, in order of add_column(). O(1) amortised. Requires values.size() == columns.
  void sample(std::uint64_t frame, std::span<const double> values);
  [[nodiscard]] const Series& series() const { return series_; }

 private:
  void merge_pairs();

  std::size_t max_points_;
  std::uint64_t samples_a_point_ = 1;
  std::uint64_t in_last_ = 0;
  Series series_;
};

}  // namespace vkmembench
