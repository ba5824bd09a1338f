#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <map>
#include <memory_resource>
#include <vector>

#include "allocator/base/check.h"
#include "allocator/placement/placement.h"
#include "bench/fuzz/byte_source.h"
#include "bench/fuzz/fuzzers.h"

namespace vkmembench {
namespace {

constexpr unsigned kStepsPerCheck = 16;  // a look at everything; what is wrong stays so

// A placement beside the simplest thing that could be right: the used ranges of each region, by address.
class Modelled {
 public:
  explicit Modelled(PlacementChoice choice) : placement_(choice, *std::pmr::new_delete_resource()) {}

  void step(ByteSource& source) {
    switch (source.below(8)) {
      case 0:
      case 1:
      case 2:
        return place(source);
      case 3:
      case 4:
        return release(source);
      case 5:
        return add_or_remove(source);
      case 6:
        return change_access(source);
      default:
        return place_by_name(source);
    }
  }

  // Each region against its model: its ranges cover it, no two free ones are neighbours, the sums are right, and what
  // is free can be found.
  void check() const {
    Bytes largest = 0;  // that is free, in regions that are not idle, and for somebody
    for (const Modelling& one : regions_) {
      const Region& region = one.region;
      VKMEMBENCH_CHECK(region.first != nullptr, "a region that was taken in has ranges");
      auto expected = one.used.begin();
      Offset end = 0;
      Bytes used = 0;
      const Range* before = nullptr;
      bool walked = region.walked == nullptr;
      for (const Range* range = region.first; range != nullptr; before = range, range = range->after) {
        VKMEMBENCH_CHECK(range->offset == end && range->size > 0, "ranges follow one another");
        VKMEMBENCH_CHECK(range->before == before && range->region == &region, "ranges know where they are");
        VKMEMBENCH_CHECK(placement_.store().owns(range), "ranges are the placement's");
        end = range->end();
        walked = walked || range == region.walked;
        if (range->state == RangeState::used) {
          VKMEMBENCH_CHECK(expected != one.used.end() && expected->first == range->offset && expected->second == end,
                           "what is used was placed");
          ++expected;
          used += range->size;
        } else {
          VKMEMBENCH_CHECK(range->state == RangeState::free, "the others are free");
          VKMEMBENCH_CHECK(before == nullptr || before->state == RangeState::used, "free neighbours are merged");
          if (region.used_count > 0 && range->listed != RegionAccess::closed) largest = std::max(largest, range->size);
        }
      }
      VKMEMBENCH_CHECK(end == region.capacity && expected == one.used.end(), "ranges cover their region");
      VKMEMBENCH_CHECK(walked, "a change of access stands at a range of the region");
      VKMEMBENCH_CHECK(used == region.used && one.used.size() == region.used_count, "used bytes are the sum");
    }
    if (!placement_.can_pack()) return;
    const Bytes found = placement_.largest_free();
    VKMEMBENCH_CHECK(found <= largest && found >= largest - largest / 32, "what is free is in a bin");
  }

  // Everything goes, and leaves whole regions that the placement lets go of.
  void finish() {
    while (!live_.empty()) release_nth(live_.size() - 1);
    for (Modelling& one : regions_) {
      VKMEMBENCH_CHECK(one.region.first->size == one.region.capacity, "an idle region is one free range");
      placement_.remove(one.region);
      VKMEMBENCH_CHECK(one.region.first == nullptr, "a region is let go of");
    }
  }

 private:
  struct Modelling {
    Region region;
    std::map<Offset, Offset> used;  // ends, by start
  };

  void place(ByteSource& source) {
    const Bytes size = size_of(source);
    const Bytes alignment = alignment_of(source);
    const bool thorough = source.yes();
    if (Range* range = placement_.place(size, alignment, thorough)) {
      VKMEMBENCH_CHECK(range->region->used_count > 1, "an idle region serves only who names it");
      return placed(range, size, alignment);
    }
    for (Modelling& one : regions_)
      if (one.region.used_count == 0 && one.region.capacity >= size)
        return placed(placement_.place_in_idle(one.region, size), size, 1);
  }

  // What only packing does: below a rank, right after a range, and several in a row.
  void place_by_name(ByteSource& source) {
    const Bytes size = size_of(source);
    const Bytes alignment = alignment_of(source);
    const std::uint32_t way = source.below(3);
    if (!placement_.can_pack() || live_.empty()) return;
    Tlsf& tlsf = placement_.packing();
    const Range& chosen = *live_[source.below(live_.size())];
    if (way == 0) {
      Tlsf::Seen seen;
      std::size_t steps = 0;
      Range* range = nullptr;
      while (range == nullptr && !seen.all()) {
        range = tlsf.place_below(chosen.region->rank, size, alignment, seen, steps);
        if (range == nullptr) continue;
        VKMEMBENCH_CHECK(range->region->rank < chosen.region->rank, "a range goes below the rank");
        placed(range, size, alignment);
      }
    } else if (way == 1) {
      if (Range* range = tlsf.place_after(chosen, size, alignment)) {
        VKMEMBENCH_CHECK(range->region == chosen.region && range->offset >= chosen.end(), "a range goes after another");
        placed(range, size, alignment);
      }
    } else {
      Tlsf::Run run(tlsf);
      for (std::uint32_t left = source.below(16); left > 0; --left) {
        Range* range = run.place(size, alignment);
        if (range == nullptr) return;
        placed(range, size, alignment);
      }
    }
  }

  void placed(Range* range, Bytes size, Bytes alignment) {
    VKMEMBENCH_CHECK(range->state == RangeState::used && range->size == size, "a range has the size asked for");
    VKMEMBENCH_CHECK(is_aligned(range->offset, alignment), "a range is aligned as asked");
    VKMEMBENCH_CHECK(range->end() <= range->region->capacity, "a range is within its region");
    std::map<Offset, Offset>& used = modelling(*range->region).used;
    const auto above = used.lower_bound(range->offset);
    VKMEMBENCH_CHECK(above == used.end() || range->end() <= above->first, "ranges do not overlap");
    VKMEMBENCH_CHECK(above == used.begin() || std::prev(above)->second <= range->offset, "ranges do not overlap");
    used.emplace_hint(above, range->offset, range->end());
    live_.push_back(range);
  }

  void release(ByteSource& source) {
    if (!live_.empty()) release_nth(source.below(live_.size()));
  }
  void release_nth(std::size_t nth) {
    Range* range = live_[nth];
    live_.erase(live_.begin() + static_cast<std::ptrdiff_t>(nth));
    Modelling& one = modelling(*range->region);
    one.used.erase(range->offset);
    VKMEMBENCH_CHECK(placement_.release(range) == one.used.empty(), "a region is idle without used ranges");
  }

  void add_or_remove(ByteSource& source) {
    constexpr std::size_t kMostRegions = 8;
    if (source.yes() && !regions_.empty() && regions_.back().region.used_count == 0) {
      placement_.remove(regions_.back().region);
      regions_.pop_back();
    } else if (regions_.size() < kMostRegions) {
      Region& region = regions_.emplace_back().region;
      region.capacity = Bytes{1} + source.below(65536);
      region.serial = next_serial_++;
      region.rank = source.below(4);
      placement_.add(region);
    }
  }

  // At once, or a few ranges of the walk with other operations in between.
  void change_access(ByteSource& source) {
    constexpr std::array kAll = {RegionAccess::open, RegionAccess::reserve, RegionAccess::closed};
    const RegionAccess access = source.pick(kAll);
    const bool at_once = source.yes();
    const std::uint32_t steps = source.below(8);
    if (!placement_.can_pack() || regions_.empty()) return;
    Region& region = regions_[source.below(regions_.size())].region;
    Tlsf& tlsf = placement_.packing();
    if (at_once) return tlsf.set_access(region, access);
    if (region.walked == nullptr) tlsf.begin_access(region, access);
    for (std::uint32_t step = 0; step < steps && tlsf.next_access(region) != nullptr;) ++step;
  }

  // Small ones mostly, as bytes are.
  [[nodiscard]] static Bytes size_of(ByteSource& source) {
    const std::uint32_t shift = source.below(10);
    return (Bytes{1} << shift) + source.byte();
  }
  [[nodiscard]] static Bytes alignment_of(ByteSource& source) { return Bytes{1} << source.below(13); }

  Modelling& modelling(Region& region) {
    for (Modelling& one : regions_)
      if (&one.region == &region) return one;
    check_failed("region", "a range is in a region that was taken in", __FILE__, __LINE__);
  }

  Placement placement_;
  std::deque<Modelling> regions_;
  std::vector<Range*> live_;  // in the order they were placed
  std::uint32_t next_serial_ = 0;
};

}  // namespace

void fuzz_placement(std::string_view bytes) {
  for (const NamedPlacement& row : kPlacements) {
    ByteSource source(bytes);
    Modelled placement(row.choice);
    for (unsigned step = 1; !source.is_empty(); ++step) {
      placement.step(source);
      if (step % kStepsPerCheck == 0) placement.check();
    }
    placement.check();
    placement.finish();
  }
}

}  // namespace vkmembench
