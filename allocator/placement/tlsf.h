#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>

#include "allocator/base/pmr_ptr.h"
#include "allocator/placement/range.h"
#include "allocator/placement/range_store.h"

namespace vkmembench {

// Which of the free ranges that fit is taken: the first found, the tightest of a few, or the tightest of many with the
// lowest address in the oldest region among equals.
enum class Fit : std::uint8_t { first_fit, good_fit, best_fit };

// Decides where in any of several regions a range goes. Integer arithmetic only: it knows nothing of Vulkan, owns no
// device memory and takes no locks. Free ranges of all regions share one set of bins, two-level segregated by size
// (Masmano, Ripoll, Crespo, Real, "TLSF: a new dynamic memory allocator for real-time systems", 2004), so the cost does
// not grow with regions or ranges. A region without used ranges is idle: it stays out of the bins and is used only when
// asked for by name, so that others fill first and it can be given back.
class Tlsf {
 public:
  // Requires a resource that outlives it. Whatever takes a range in or claims one throws std::bad_alloc when that
  // refuses, and has no effect then.
  Tlsf(Fit fit, std::pmr::memory_resource& memory);
  Tlsf(const Tlsf&) = delete;
  Tlsf& operator=(const Tlsf&) = delete;

  // Takes the region in, idle. Requires capacity > 0 and a serial above those of the regions already in.
  void add(Region& region);
  // Lets go of an idle region.
  void remove(Region& region);

  // Claims a range of `size` at a multiple of `alignment` in a region that is not idle; nullptr when none was found.
  // A short look misses a few fits that alignment hides; a thorough one looks at more. Requires size > 0 and alignment
  // a power of two.
  [[nodiscard]] Range* place(Bytes size, Bytes alignment, bool thorough = false);
  // The same in one idle region, at its start. Requires size <= capacity.
  [[nodiscard]] Range* place_in_idle(Region& region, Bytes size);
  // Frees a used range, merging it with its neighbours. True when its region is idle now.
  bool release(Range* range);

  // Claims many ranges one after another, each where place() would look first; the free range that serves several is
  // taken out of its bin and put back once. While one lives nothing else is done to the placement.
  class Run {
   public:
    explicit Run(Tlsf& placement) : placement_(placement) {}
    ~Run() { put_back(); }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    [[nodiscard]] Range* place(Bytes size, Bytes alignment);  // nullptr like Tlsf::place()

   private:
    void put_back();

    Tlsf& placement_;
    Range* rest_ = nullptr;  // free, behind the last one, in no bin
  };

  // Says who is placed in the region from now on. Walks its ranges unless it is idle; an idle one stays so.
  void set_access(Region& region, RegionAccess access);
  // The same in steps: what is released counts for the new access at once, free ranges that are there as next_access()
  // comes by, and until then they are claimed as before. It returns each range of the region once, and all that were
  // claimed since begin_access() in what was still to come; nullptr at the end.
  void begin_access(Region& region, RegionAccess access);
  [[nodiscard]] Range* next_access(Region& region);
  // Like place() in open regions whose rank is below `rank`, looking at the first thousand ranges of every bin that may
  // fit; the tightest bin wins, in it the tightest of a few. Adds the ranges it looked at to `steps`. nullptr before
  // seen.all(): to be asked again, when it goes on behind the bins that were seen to have nothing. What is freed or
  // opened there since is found with another Seen.
  struct Seen {
    std::uint32_t rank = 0;
    Bytes size = 0;
    Bytes alignment = 0;
    unsigned bin = 0;  // nothing fits below
    [[nodiscard]] bool all() const { return bin >= kBins; }
  };
  [[nodiscard]] Range* place_below(std::uint32_t rank, Bytes size, Bytes alignment, Seen& seen, std::size_t& steps);
  // Claims in the free range right after a used one; nullptr when there is none or it has no room.
  [[nodiscard]] Range* place_after(const Range& used, Bytes size, Bytes alignment);
  // The largest free range of the regions that are neither idle nor closed, to within 1/32; 0 without any.
  [[nodiscard]] Bytes largest_free() const;

  void reserve(std::size_t ranges) { store_.reserve(ranges); }  // so many more, at once
  [[nodiscard]] const RangeStore& store() const { return store_; }

 private:
  static constexpr unsigned kColumnBits = 5;
  static constexpr unsigned kColumns = 1u << kColumnBits;
  static constexpr unsigned kLinearShift = 4;                          // row 0: 16-byte steps
  static constexpr unsigned kLinearBits = kLinearShift + kColumnBits;  // up to 512 bytes
  static constexpr unsigned kRows = 36;                                // capacities below 16 TiB
  static constexpr unsigned kBins = kRows * kColumns;

  // Lists of free ranges by size.
  struct Bins {
    std::uint64_t row_bits = 0;
    std::array<std::uint32_t, kRows> column_bits{};
    std::array<Range*, kBins> heads{};
    [[nodiscard]] unsigned next(unsigned from) const;  // first that is not empty at or after `from`, else kBins
    void insert(Range* range);
    void unlink(Range* range);
    [[nodiscard]] Bytes largest() const;
  };

  static constexpr std::size_t kMostSplits = 2;  // a claim leaves padding before it and a rest behind

  static unsigned bin_of(Bytes size);
  [[nodiscard]] Bins* bins_of(RegionAccess access) const;  // nullptr of closed ones
  [[nodiscard]] Range* scan(const Bins& bins, unsigned bin, Bytes size, Bytes alignment, unsigned limit) const;
  [[nodiscard]] Range* find(const Bins& bins, Bytes size, Bytes alignment, bool thorough) const;
  Range* claim(Range* range, Bytes size, Bytes alignment);
  Range* split(Range* rest, Bytes size);
  void insert(Range* range);
  void unlink(Range* range);

  RangeStore store_;
  Fit fit_;
  std::pmr::memory_resource& memory_;
  PmrPtr<Bins> open_;
  PmrPtr<Bins> reserve_;  // made when first needed
};

}  // namespace vkmembench
