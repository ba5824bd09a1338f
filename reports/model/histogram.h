#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace vkmembench {

// Log-linear histogram of unsigned values: 2^kSubBits bins per power of two, exact below 2^(kSubBits+1). A quantile is
// the midpoint of its bin, within 0.8 % of the exact one. Merging is exact: the sum of two histograms is the histogram
// of both. Layout after Gil Tene's HdrHistogram. Its 30 KiB of bins are there from the first value on.
class Histogram {
 public:
  static constexpr std::uint32_t kSubBits = 6;

  void add(std::uint64_t value) {
    if (count_ == 0) [[unlikely]]
      make_bins();
    ++bins_[bin_of(value)];
    ++count_;
    sum_ += value;
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
  }
  void merge(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }
  [[nodiscard]] std::uint64_t min() const { return count_ == 0 ? 0 : min_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }
  [[nodiscard]] double mean() const {
    return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
  }
  // The value that a share q of all values does not exceed (nearest rank), clamped to [min, max]. Requires 0 <= q <= 1.
  [[nodiscard]] double quantile(double q) const;
  // Empty while there is no value.
  [[nodiscard]] const std::vector<std::uint64_t>& bins() const { return bins_; }

  [[nodiscard]] static std::uint32_t bin_of(std::uint64_t value) {
    constexpr std::uint64_t kLinear = std::uint64_t{1} << (kSubBits + 1);
    if (value < kLinear) return static_cast<std::uint32_t>(value);
    const auto shift = static_cast<std::uint32_t>(std::bit_width(value)) - (kSubBits + 1);
    return (shift << kSubBits) + static_cast<std::uint32_t>(value >> shift);
  }
  // Smallest value of a bin, and how many values share it.
  [[nodiscard]] static std::uint64_t bin_low(std::uint32_t bin);
  [[nodiscard]] static std::uint64_t bin_width(std::uint32_t bin);

 private:
  void make_bins();

  std::vector<std::uint64_t> bins_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t min_ = ~std::uint64_t{0};
  std::uint64_t max_ = 0;
};

}  // namespace vkmembench
