#include "reports/model/coverage.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "allocator/base/check.h"

namespace vkmembench {

void FreeRangeSums::add(Bytes size) {
  ++count_;
  total_ += size;
  squares_ += Squares{size} * size;
  for (std::size_t i = 0; i < kPlaceableSizes.size(); ++i) placeable_[i] += align_down(size, kPlaceableSizes[i]);
  added_.push_back(size);
  std::push_heap(added_.begin(), added_.end());
}

void FreeRangeSums::remove(Bytes size) {
  VKMEMBENCH_CHECK(count_ > 0 && size <= total_, "a free range is removed once");
  --count_;
  total_ -= size;
  squares_ -= Squares{size} * size;
  for (std::size_t i = 0; i < kPlaceableSizes.size(); ++i) placeable_[i] -= align_down(size, kPlaceableSizes[i]);
  removed_.push_back(size);
  std::push_heap(removed_.begin(), removed_.end());
  constexpr std::size_t kWorthSorting = 1024;
  if (removed_.size() > count_ + kWorthSorting) forget_removed();
}

void FreeRangeSums::forget_removed() const {
  std::sort(added_.begin(), added_.end(), std::greater<>{});
  std::sort(removed_.begin(), removed_.end(), std::greater<>{});
  std::vector<Bytes> left;
  left.reserve(count_);
  std::set_difference(added_.begin(), added_.end(), removed_.begin(), removed_.end(), std::back_inserter(left),
                      std::greater<>{});
  added_ = std::move(left);  // falling, and so a heap
  removed_.clear();
}

Bytes FreeRangeSums::largest() const {
  while (!removed_.empty() && removed_.front() == added_.front()) {
    std::pop_heap(added_.begin(), added_.end());
    added_.pop_back();
    std::pop_heap(removed_.begin(), removed_.end());
    removed_.pop_back();
  }
  return added_.empty() ? 0 : added_.front();
}

Coverage::Coverage(Bytes size, FreeRangeSums& sums) : size_(size), depths_{{0, 0}} { sums.add(size); }

void Coverage::withdraw(FreeRangeSums& sums) const {
  for_each_free([&](Offset, Bytes size) { sums.remove(size); });
}

Coverage::Runs::iterator Coverage::split(Offset at) {
  if (at == size_) return depths_.end();
  const auto next = depths_.lower_bound(at);
  if (next != depths_.end() && next->first == at) return next;
  return depths_.emplace_hint(next, at, std::prev(next)->second);
}

void Coverage::change(Offset begin, Offset end, bool add, FreeRangeSums& sums) {
  VKMEMBENCH_CHECK(begin <= end && end <= size_, "a span lies within its block");
  if (begin == end) return;
  // The runs that may change: from the left neighbour, which may merge, to the run at `end`, which may too.
  auto first = std::prev(depths_.upper_bound(begin));
  if (first->first == begin && first != depths_.begin()) --first;
  const auto last = depths_.upper_bound(end);
  for (auto run = first; run != last; ++run) {
    if (run->second == 0) sums.remove(end_of(run) - run->first);
  }
  const auto stop = split(end);
  for (auto run = split(begin); run != stop; ++run) {
    VKMEMBENCH_CHECK(add || run->second > 0, "only what is covered can be uncovered");
    run->second = add ? run->second + 1 : run->second - 1;
  }
  for (auto run = std::next(first); run != last;) {
    run = run->second == std::prev(run)->second ? depths_.erase(run) : std::next(run);
  }
  for (auto run = first; run != last; ++run) {
    if (run->second == 0) sums.add(end_of(run) - run->first);
  }
}

}  // namespace vkmembench
