#pragma once

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "allocator/base/bytes.h"

namespace vkmembench {

struct Range;

// An allocation that may be destroyed with its contents.
struct Evictable {
  Range* range = nullptr;
  Bytes bytes = 0;
  std::uint32_t idle = 0;  // frames since its last use
};

// What eviction sees of a block.
struct EvictionBlock {
  Bytes capacity = 0;
  Bytes stays = 0;  // bytes of what may not be evicted
  std::pmr::vector<Evictable> evictable;
};

// Which allocations to evict. Each takes what is idle for more than `min_idle` frames out of `blocks`, and returns it,
// in the memory of `blocks`, in the order in which it is to go; equals keep the order of the blocks. The scratch of
// sorting is the runtime's, and may be missing.

// All of it, least recently used first.
[[nodiscard]] std::pmr::vector<Evictable> take_least_recently_used(std::pmr::vector<EvictionBlock>& blocks,
                                                                   std::uint32_t min_idle);
// Everything in those blocks that become empty with it, those not used for longest first, until such blocks of `wanted`
// bytes are found.
[[nodiscard]] std::pmr::vector<Evictable> take_whole_blocks(std::pmr::vector<EvictionBlock>& blocks,
                                                            std::uint32_t min_idle, Bytes wanted);
// `wanted` bytes out of as few blocks as may be: first those where most can go against what stays, in each of them
// least recently used first.
[[nodiscard]] std::pmr::vector<Evictable> take_densest(std::pmr::vector<EvictionBlock>& blocks, std::uint32_t min_idle,
                                                       Bytes wanted);

}  // namespace vkmembench
