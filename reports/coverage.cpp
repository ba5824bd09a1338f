#include "reports/coverage.h"

#include <iterator>

#include "allocator/base/check.h"

namespace vkmembench {

void FreeRangeSums::add(Bytes size) {
  ++count_;
  total_ += size;
  squares_ += Squares{size} * size;
  for (std::size_t i = 0; i < kPlaceableSizes.size(); ++i) placeable_[i] += align_down(size, kPlaceableSizes[i]);
  ++sizes_[size];
}

void FreeRangeSums::remove(Bytes size) {
  const auto same = sizes_.find(size);
  VKMEMBENCH_CHECK(same != sizes_.end(), "a free range is removed once");
  if (--same->second == 0) sizes_.erase(same);
  --count_;
  total_ -= size;
  squares_ -= Squares{size} * size;
  for (std::size_t i = 0; i < kPlaceableSizes.size(); ++i) placeable_[i] -= align_down(size, kPlaceableSizes[i]);
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
