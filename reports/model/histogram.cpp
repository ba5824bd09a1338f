#include "reports/model/histogram.h"

#include <algorithm>
#include <cmath>

namespace vkmembench {

void Histogram::make_bins() { bins_.resize(bin_of(~std::uint64_t{0}) + 1); }

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  if (count_ == 0) make_bins();
  for (std::size_t bin = 0; bin < bins_.size(); ++bin) bins_[bin] += other.bins_[bin];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

std::uint64_t Histogram::bin_low(std::uint32_t bin) {
  if (bin < (2u << kSubBits)) return bin;
  const std::uint32_t shift = (bin >> kSubBits) - 1;
  return static_cast<std::uint64_t>(bin - (shift << kSubBits)) << shift;
}

std::uint64_t Histogram::bin_width(std::uint32_t bin) {
  return bin < (2u << kSubBits) ? 1 : std::uint64_t{1} << ((bin >> kSubBits) - 1);
}

double Histogram::quantile(double q) const {
  if (count_ == 0) return 0.0;
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::uint32_t bin = 0; bin < bins_.size(); ++bin) {
    seen += bins_[bin];
    if (seen < rank) continue;
    const double middle = static_cast<double>(bin_low(bin)) + static_cast<double>(bin_width(bin) - 1) / 2.0;
    return std::clamp(middle, static_cast<double>(min_), static_cast<double>(max_));
  }
  return static_cast<double>(max_);
}

}  // namespace vkmembench
