// The parts of Allocator that decide which empty blocks are kept.
#include <algorithm>

#include "allocator/core/allocator.h"

namespace vkmembench {

void Allocator::release(Range* range, std::uint64_t resource) {
  Pool& pool = *block_of(*range).pool;
  if (pool.release(range, resource)) settle_empty(pool);
}

void Allocator::vacate(Range* range) {
  Pool& pool = *block_of(*range).pool;
  if (pool.vacate(range)) settle_empty(pool);
}

// Empty blocks spare the driver's calls when demand swings, but nobody should hold much for nobody: their bytes stay
// within a share of what lives.
void Allocator::settle_empty(Pool& emptied) {
  const std::vector<Pool*> all = pools();
  Bytes live = 0;
  Bytes empty = 0;
  for (const Pool* pool : all) {
    live += pool->live_bytes();
    empty += pool->empty_bytes();
  }
  const auto share = static_cast<Bytes>(static_cast<double>(live) * settings_.options.keep_empty_ratio);
  const Bytes allowed = std::max(share, keep_floor_);
  const auto cut = [&](Pool& pool) {
    if (empty <= allowed) return;
    const Bytes held = pool.empty_bytes();
    empty -= std::min(empty, pool.trim(held - std::min(held, empty - allowed)));
  };
  cut(emptied);
  for (Pool* pool : all) cut(*pool);
}

// A new block may raise the most ever held: then empty blocks go first.
void Allocator::keep_below_peak(Bytes wanted) {
  const Bytes peak = budget_.total_peak();
  Bytes reserved = budget_.total_reserved();
  if (reserved + wanted <= peak) return;
  for (Pool* pool : pools()) {
    const Bytes held = pool->empty_bytes();
    if (held == 0) continue;
    reserved -= std::min(reserved, pool->trim(held - std::min(held, reserved + wanted - peak)));
    if (reserved + wanted <= peak) return;
  }
}

Bytes Allocator::trim_own(std::uint32_t heap) {
  collect();
  Bytes given = 0;
  for (Pool* pool : pools())
    if (source_.heap_of(pool->shape().memory_type) == heap) given += pool->trim(0);
  return given;
}

// Before a refusal: nobody goes without for what nobody uses.
Bytes Allocator::trim_heap(std::uint32_t heap) {
  const Bytes given = trim_own(heap);
  return settings_.arena.trim_others ? given + settings_.arena.trim_others(*this, heap) : given;
}

Bytes Allocator::trim() {
  collect();
  Bytes given = 0;
  for (Pool* pool : pools()) given += pool->trim(0);
  return given;
}

}  // namespace vkmembench
