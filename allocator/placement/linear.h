#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "allocator/placement/range.h"
#include "allocator/placement/range_store.h"

namespace vkmembench {

// The order in which users free: that of creation, or the reverse.
enum class LinearOrder : std::uint8_t { ring, stack };

// Decides where a range goes for users that free in a known order; like Tlsf it knows nothing of Vulkan and takes no
// locks. A ring looks for the next gap after the range placed last, through all regions and round again; a stack places
// at the top of the region that was begun last. Freeing in another order is no error: a gap waits until the ring comes
// by, or until everything above it on the stack is free. While freed in order, each costs O(1).
class Linear {
 public:
  // Requires a resource that outlives it. Whatever takes a range in or claims one throws
  // std::bad_alloc when that refuses, and has no effect then.
  Linear(LinearOrder order, std::pmr::memory_resource& memory);
  Linear(const Linear&) = delete;
  Linear& operator=(const Linear&) = delete;

  // Takes the region in, idle. Requires capacity > 0.
  void add(Region& region);
  // Lets go of an idle region.
  void remove(Region& region);

  // Claims a range of `size` at a multiple of `alignment` in a region that is not idle; nullptr when there is no room
  // in order, however thorough the look. Requires size > 0 and alignment a power of two.
  [[nodiscard]] Range* place(Bytes size, Bytes alignment, bool thorough = false);
  // The same at the start of an idle region, which becomes the ring's next or the stack's top one. Requires size <=
  // capacity.
  [[nodiscard]] Range* place_in_idle(Region& region, Bytes size);
  // Frees a used range, merging it with its neighbours. True when its region is idle now.
  bool release(Range* range);

  [[nodiscard]] const RangeStore& store() const { return store_; }

 private:
  struct Active {
    Region* region = nullptr;
    Range* last = nullptr;  // by address
  };

  [[nodiscard]] Range* place_on_ring(Bytes size, Bytes alignment);
  [[nodiscard]] Range* place_on_stack(Bytes size, Bytes alignment);
  Range* claim(std::size_t turn, Range* gap, Offset start, Bytes size);
  Range* split(std::size_t turn, Range* low, Offset at);
  Range* merge(std::size_t turn, Range* low);
  void retire(std::size_t turn);
  [[nodiscard]] std::size_t turn_of(const Region& region) const;

  RangeStore store_;
  bool ring_;
  std::pmr::vector<Active> active_;  // regions with used ranges, in the order in which they are filled
  // Of a ring: the region and the place from which it looks on. `at_` is the range that ends at the cursor or holds it.
  std::size_t turn_ = 0;
  Range* at_ = nullptr;
  Offset cursor_ = 0;
};

}  // namespace vkmembench
