// The parts of Allocator that give memory back, and make room before it refuses.
#include "allocator/core/allocator.h"

namespace vkmembench {

Bytes Allocator::trim() {
  collect();
  return pools_.trim();
}

Bytes Allocator::trim_own(std::uint32_t heap) {
  collect();
  return pools_.trim(heap);
}

// Nobody goes without for what nobody uses.
Bytes Allocator::trim_heap(std::uint32_t heap) {
  const Bytes given = trim_own(heap);
  return settings_.arena.trim_others ? given + settings_.arena.trim_others(*this, heap) : given;
}

Bytes Allocator::make_room(std::uint32_t heap) {
  const Bytes given = trim_heap(heap);
  if (given > 0 || !reclaim_) return given;
  const Bytes reclaimed = reclaim_(heap);
  trim_heap(heap);
  return reclaimed;
}

// What only moves evicts nothing: it might be next in line itself.
Bytes Allocator::make_room(std::uint32_t heap, const PoolNeed& need, const AllocationRecord& record) {
  const Bytes given = make_room(heap);
  if (given > 0 || !evict_ || record.resource == 0) return given;
  const Bytes evicted = evict_(heap, need.size);
  trim_heap(heap);
  return evicted;
}

}  // namespace vkmembench
