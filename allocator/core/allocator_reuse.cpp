// The parts of Allocator that take allocations out of use and back into it, for BufferReuse.
#include <algorithm>
#include <bit>

#include "allocator/base/check.h"
#include "allocator/core/allocator.h"

namespace vkmembench {

std::optional<HeldBuffer> Allocator::hold(const Allocation& allocation) {
  Range* range = live_range(allocation);
  const AllocationRecord record = record_of(*range);
  VKMEMBENCH_CHECK(!record.held, "an allocation is released once");
  Pool& pool = *block_of(*range).pool;
  const bool alias = record.resource != allocation.resource;
  if (alias || record.image || record.pinned || record.fallback || motion_of(*range).move != RangeMove::none ||
      pool.shape().named())
    return std::nullopt;
  pool.hold(range, allocation.resource);
  kinds_.destroyed(record.kind, record.requested);
  return HeldBuffer{record.asked, record.description, record.memory, record.kind, record.evictable};
}

void Allocator::renew(const Allocation& held, const MemoryRequest& request) {
  Range* range = live_range(held);
  AllocationRecord record = record_for(request, held.resource);
  record.description = record_of(*range).description;
  record.requested = record_of(*range).requested;
  record.asked = record_of(*range).asked;
  // It keeps what it was asked for this time wherever it moves; nobody looks at it while it is held.
  const auto asked = static_cast<std::uint8_t>(std::countr_zero(std::max<Bytes>(request.alignment, 1)));
  range->alignment_log2 = std::max(range->alignment_log2, asked);
  block_of(*range).pool->renew(range, record);
  kinds_.created(record.kind, record.requested);
}

}  // namespace vkmembench
