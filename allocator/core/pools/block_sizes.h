#pragma once

#include "allocator/core/pools/memory_source.h"
#include "allocator/core/pools/options.h"
#include "allocator/core/pools/pool_shape.h"

namespace vkmembench {

// How large the next block of a pool is: as its shape says, or growing with what is held, faster where few objects are
// left.
class BlockSizes {
 public:
  // Requires all of them to outlive it.
  BlockSizes(const MemorySource& source, const AllocatorOptions& options, const PoolShape& shape)
      : source_(source), options_(options), shape_(shape) {}

  // Whether so many objects are held that next() asks for the pool's largest block.
  [[nodiscard]] bool crowded() const { return source_.budget().crowded(); }
  // For a pool that holds blocks of so many bytes; `largest` is that of its blocks that can be shared, where crowded.
  [[nodiscard]] Bytes next(const PoolNeed& need, Bytes held, bool crowded, Bytes largest) const;

 private:
  [[nodiscard]] Bytes smallest() const;
  [[nodiscard]] Bytes where_crowded(Bytes largest) const;

  const MemorySource& source_;
  const AllocatorOptions& options_;
  const PoolShape& shape_;
};

}  // namespace vkmembench
