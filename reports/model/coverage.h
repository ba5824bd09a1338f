#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "allocator/base/bytes.h"

namespace vkmembench {

// The object sizes that frag.placeability_ratio asks about.
inline constexpr std::array<Bytes, 4> kPlaceableSizes = {64 * kKiB, kMiB, 8 * kMiB, 64 * kMiB};

// Running sums over a set of free ranges. Exact: integers only.
class FreeRangeSums {
 public:
  // Sums of squares pass 64 bits from 4 GiB on.
  __extension__ using Squares = unsigned __int128;

  void add(Bytes size);
  void remove(Bytes size);  // Requires a size that was added and not removed; only a lack of any is noticed.

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] Bytes total() const { return total_; }
  [[nodiscard]] Squares squares() const { return squares_; }
  [[nodiscard]] Bytes largest() const;
  // Bytes that objects of kPlaceableSizes[i] can use.
  [[nodiscard]] Bytes placeable(std::size_t i) const { return placeable_[i]; }

 private:
  std::uint64_t count_ = 0;
  Bytes total_ = 0;
  Squares squares_ = 0;
  std::array<Bytes, kPlaceableSizes.size()> placeable_{};
  void forget_removed() const;

  // Two max-heaps, of what was added and what was removed: equal tops cancel when the largest is asked for, so that
  // adding and removing cost a push.
  mutable std::vector<Bytes> added_;
  mutable std::vector<Bytes> removed_;
};

// How many spans cover each byte of [0, size): a map from the start of a run of equal depth to that depth. Spans may
// overlap; free is what none covers. A change costs the logarithm of the runs, plus the runs it touches.
class Coverage {
 public:
  // Adds the whole range to `sums`, which follows every change of the free ranges from now on. Requires size > 0.
  Coverage(Bytes size, FreeRangeSums& sums);

  // Requires begin <= end <= size.
  void cover(Offset begin, Offset end, FreeRangeSums& sums) { change(begin, end, true, sums); }
  void uncover(Offset begin, Offset end, FreeRangeSums& sums) {
    change(begin, end, false, sums);
  }  // Requires it covered.
  // Takes every free range out of `sums`.
  void withdraw(FreeRangeSums& sums) const;

  // Calls visit(offset, size) for each free range, by offset.
  template <typename Visit>
  void for_each_free(Visit visit) const {
    for (auto run = depths_.begin(); run != depths_.end(); ++run) {
      if (run->second == 0) visit(run->first, end_of(run) - run->first);
    }
  }

 private:
  using Runs = std::map<Offset, std::uint32_t>;
  [[nodiscard]] Offset end_of(Runs::const_iterator run) const { return ++run == depths_.end() ? size_ : run->first; }
  Runs::iterator split(Offset at);
  void change(Offset begin, Offset end, bool add, FreeRangeSums& sums);

  Bytes size_;
  Runs depths_;
};

}  // namespace vkmembench
