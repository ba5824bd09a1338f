#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "allocator/core/allocator_parts.h"

namespace vkmembench {

// Whose turn it is in a sweep of a defragmentation: ranks the blocks of pools whose allocations may share blocks, and
// goes through them from the last rank to the first; see Defragmenter. What looks at blocks adds their number to
// `steps`.
class BlockTurns {
 public:
  using Group = std::pmr::vector<Pool*>;  // whose allocations may share blocks

  explicit BlockTurns(const AllocatorParts& parts) : parts_(parts), groups_(&parts.memory) {}

  // Takes the pools of the heaps whose bits are set, those of a memory type and kind together if classes `share`.
  void begin(std::uint32_t heaps, bool share);
  void restart_sweep();
  // The block of the highest rank that this sweep did not have yet; nullptr at the end of the sweep.
  [[nodiscard]] Block* next(std::size_t& steps);
  // It is this block's turn, which next() gave.
  void take(const Block& block) { rank_ = block.rank; }
  [[nodiscard]] std::uint32_t rank() const { return rank_; }
  // The pools that the block at hand shares with.
  [[nodiscard]] const Group& group() const { return groups_[group_]; }
  // Whether blocks of better rank have room for all of it.
  [[nodiscard]] bool fits_elsewhere(const Block& block, std::size_t& steps) const;

  template <class Visit>
  void for_each_pool(const Visit& visit) const {
    for (const Group& group : groups_)
      for (Pool* pool : group) visit(*pool);
  }

 private:
  void rank_blocks(const Group& group) const;

  AllocatorParts parts_;
  std::pmr::vector<Group> groups_;
  std::size_t group_ = 0;     // of the sweep
  std::uint32_t rank_ = ~0u;  // blocks of lower ones are still to come
};

}  // namespace vkmembench
