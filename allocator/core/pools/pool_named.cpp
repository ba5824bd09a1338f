// The parts of Pool that only named pools use: blocks of one size, a bounded number of them.
#include <algorithm>
#include <new>

#include "allocator/core/pools/pool.h"

namespace vkmembench {

Expected<Range*> Pool::grow_named(const PoolNeed& need, const AllocationRecord& record) {
  if (need.size > shape_.block_bytes || block_count_.get() >= shape_.max_blocks) {
    overflows_.add(1);  // under growing_
    return VK_ERROR_OUT_OF_POOL_MEMORY;
  }
  const Expected<Block*> block = make_block(shape_.block_bytes, need.last_resort);
  if (!block) return block.result();
  Range* range = fill_made(**block, need, record);
  try {
    while (block_count_.get() < shape_.min_blocks)
      if (prewarm() != VK_SUCCESS) break;  // what cannot be made ahead may still be made when it is needed
  } catch (const std::bad_alloc&) {        // likewise
  }
  return range;
}

Bytes Pool::empty_bytes() const {
  const Bytes empty = empty_bytes_.get();
  if (shape_.min_blocks == 0) return empty;
  const std::uint64_t blocks = block_count_.get();
  return std::min(empty, (blocks - std::min<std::uint64_t>(blocks, shape_.min_blocks)) * shape_.block_bytes);
}

}  // namespace vkmembench
