#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "allocator/core/range.h"

namespace vkmembench {

// Owns range nodes in slabs that never move, and hands them out last-in first-out. Takes no locks.
class RangeStore {
 public:
  [[nodiscard]] Range* take() {
    if (spare_ == nullptr) add_slab();
    Range* range = spare_;
    spare_ = range->next;
    return range;
  }
  void give(Range* range) {
    range->state = RangeState::spare;
    range->next = spare_;
    spare_ = range;
  }
  // Lays one free range over the region. Requires a region that no placement holds, with room.
  void open(Region& region);
  // Takes the range of a region that has no other back. Requires an idle region.
  void close(Region& region);
  // Whether the address is that of a node of this store, spare or not.
  [[nodiscard]] bool owns(const void* address) const;
  [[nodiscard]] Bytes host_bytes() const { return node_count_ * sizeof(Range); }

 private:
  struct Slab {
    std::unique_ptr<Range[]> nodes;
    std::size_t count = 0;
  };
  void add_slab();

  std::vector<Slab> slabs_;
  Range* spare_ = nullptr;
  std::size_t node_count_ = 0;
};

}  // namespace vkmembench
