#include "allocator/core/pools/block_sizes.h"

#include <algorithm>

#include "allocator/core/pools/block.h"

namespace vkmembench {
namespace {

// Of the bytes held in all: a block up to min_block_bytes. At scale 0.05 (RTX 3090, core-default) terrain_lod reserves
// 1.17 of what lives in 24 calls with 1, 1.13 in 29 with 4, 1.18 in 49 with 32.
constexpr Bytes kRampShare = 4;

// Near the object limit: the first block of a pool as a share of the largest (as VMA halves one three times), and,
// while more than a few objects are left, the most that any block takes as a share of the bytes held in all. Of
// long_soak with core-memory on an RTX 3090 of fewer objects. With 256: 1.50 of what lives is reserved from a half
// on, 1.05 from an eighth, 1.13 from a 32nd. With 700 at scale 6: 1.065 in 530 objects up to a quarter, 1.042 in 539 up
// to a 32nd, 1.038 in 583 up to a 128th. With 100: 342 requests are refused where 0 are few, none where 8 or 64 are
// (at 1.06 and 1.23).
constexpr Bytes kCrowdedStart = 8;
constexpr Bytes kCrowdedShare = 32;
constexpr std::uint32_t kFewObjects = 64;

}  // namespace

// A program that holds little would waste most of a full-sized first block in each of its pools.
Bytes BlockSizes::smallest() const {
  const Bytes first = std::min(options_.first_block_bytes, options_.min_block_bytes);
  return std::clamp(align_up(source_.budget().total_reserved() / kRampShare, kBlockStep), first,
                    options_.min_block_bytes);
}

// The objects left are to reach the end of the heap, yet no large block is to serve a few: those of a pool double, as
// VMA's do.
Bytes BlockSizes::where_crowded(Bytes largest) const {
  const MemoryBudget& budget = source_.budget();
  const Bytes heap = source_.device().info->memory.memoryHeaps[source_.heap_of(shape_.memory_type)].size;
  const Bytes most = std::min(options_.max_block_bytes, align_up(heap / kCrowdedStart, kBlockStep));
  const Bytes first = std::min(align_up(most / kCrowdedStart, kBlockStep), most);
  const Bytes doubled = std::clamp(2 * largest, first, most);
  if (budget.objects_left() <= kFewObjects) return doubled;
  return std::min(doubled, align_up(budget.total_reserved() / kCrowdedShare, kBlockStep));
}

Bytes BlockSizes::next(const PoolNeed& need, Bytes held, bool crowded, Bytes largest) const {
  if (need.last_resort) return need.size;
  Bytes target = shape_.block_bytes;
  if (shape_.named()) return target;
  if (crowded) {
    target = std::max({target, smallest(), where_crowded(std::max(largest, need.size))});
  } else if (target == 0) {
    const double share = static_cast<double>(held) * options_.growth_ratio;
    target = std::clamp(align_up(static_cast<Bytes>(share), kBlockStep), smallest(), options_.max_block_bytes);
  }
  if (crowded || shape_.block_bytes == 0) {
    if (need.expected > target) return std::max(need.size, std::min(need.expected, options_.max_block_bytes));
    if (need.size <= target / 2) {  // a whole number of such allocations leaves no odd end
      const Bytes stride = align_up(need.size, need.alignment);
      if (stride <= target) target -= target % stride;
    }
  }
  target = std::min(target, source_.device().info->max_memory_allocation_size);
  return need.size > target / 2 ? need.size : target;
}

}  // namespace vkmembench
