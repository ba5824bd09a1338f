#pragma once

#include <cstddef>
#include <memory_resource>
#include <vector>

#include "allocator/placement/range.h"

namespace vkmembench {

// Owns range nodes in slabs that never move, and hands them out last-in first-out. Pages are touched when their nodes
// are first used; large slabs ask the system for large pages, which costs fewer faults and fewer misses of address
// translation. Takes no locks.
class RangeStore {
 public:
  // Requires a resource that outlives it.
  explicit RangeStore(std::pmr::memory_resource& memory) : slabs_(&memory) {}
  ~RangeStore();
  RangeStore(const RangeStore&) = delete;
  RangeStore& operator=(const RangeStore&) = delete;

  // So many take() from now on need no memory. Throws std::bad_alloc.
  void prepare(std::size_t count) {
    if (spare_count_ + unmade() < count) [[unlikely]]
      add_next_slab();
  }
  [[nodiscard]] Range* take() {
    if (spare_ == nullptr) return make();
    Range* range = spare_;
    spare_ = range->next;
    --spare_count_;
    return range;
  }
  void give(Range* range) {
    range->state = RangeState::spare;
    range->next = spare_;
    spare_ = range;
    ++spare_count_;
  }
  // The same with what is missing in one slab.
  void reserve(std::size_t count);
  // Lays one free range over the region. Requires a region that no placement holds, with room.
  void open(Region& region);
  // Takes the range of a region that has no other back. Requires an idle region.
  void close(Region& region);
  // Whether the address is that of a node of this store, spare or not.
  [[nodiscard]] bool owns(const void* address) const;
  [[nodiscard]] Bytes host_bytes() const { return node_count_ * sizeof(Range); }

 private:
  struct Slab {
    Range* nodes = nullptr;  // the first of them
    std::size_t count = 0;
  };
  [[nodiscard]] Range* make();
  void add_slab(std::size_t count);
  void add_next_slab();
  void keep_unmade();
  [[nodiscard]] std::pmr::memory_resource* memory() const { return slabs_.get_allocator().resource(); }
  [[nodiscard]] std::size_t unmade() const { return static_cast<std::size_t>(end_ - next_); }

  std::pmr::vector<Slab> slabs_;
  Range* next_ = nullptr;  // of the latest slab: the nodes not made yet
  Range* end_ = nullptr;
  Range* spare_ = nullptr;
  std::size_t spare_count_ = 0;
  std::size_t node_count_ = 0;
};

}  // namespace vkmembench
