#include "allocator/core/suballocator.h"

#include <algorithm>
#include <new>

namespace vkmembench {
namespace {

// Up to this page size optimal images share blocks with buffers: they are rounded to whole pages, which costs them next
// to nothing because drivers align them as much, while two half-empty blocks would cost more.
constexpr Bytes kSharedPageLimit = kKiB;

}  // namespace

Suballocator::Suballocator(MemorySource& source, const AllocatorOptions& options, const ArenaPlace& arena,
                           RequirementsReader& requirements, Residents& residents)
    : source_(source),
      budget_(source.budget()),
      options_(options),
      arena_(arena),
      requirements_(requirements),
      residents_(residents),
      pools_(residents.pools()),
      type_orders_(order_memory_types(info().memory)),
      page_(std::max<Bytes>(info().limits.bufferImageGranularity, 1)),
      apart_(page_ > kSharedPageLimit) {}

Expected<Range*> Suballocator::allocate(const Ask& ask, AllocationRecord& record) {
  residents_.collect_many();
  record.requested = ask.requirements.size;
  const bool held_back = options_.prefer_within_budget || budget_.remembers_refusals();
  Expected<Range*> range = VK_ERROR_OUT_OF_HOST_MEMORY;
  try {
    range = allocate(ask, record, Effort::usual);
    if (range.result() == VK_ERROR_OUT_OF_DEVICE_MEMORY && held_back) {
      budget_.forget_refusals();
      range = allocate(ask, record, Effort::last_resort);
    }
  } catch (const std::bad_alloc&) {  // of the metadata
    range = VK_ERROR_OUT_OF_HOST_MEMORY;
  }
  if (!range) residents_.refuse();
  return range;
}

Expected<Range*> Suballocator::allocate(const Ask& ask, AllocationRecord& record, Effort effort) {
  std::optional<MemoryTypeOrder> own;
  const MemoryTypeOrder& order = order_of(ask.request.memory, own);
  VkResult reason = VK_ERROR_FEATURE_NOT_PRESENT;
  for (std::uint32_t nth = 0;; ++nth) {
    const int type = order.pick(ask.requirements.type_bits, nth);
    if (type < 0) break;
    record.fallback = nth > 0;
    Expected<Range*> range = allocate_in(static_cast<std::uint32_t>(type), ask, record, effort);
    if (range) return range;
    if (nth == 0) reason = range.result();
    if (options_.fallback == FallbackPolicy::forbid || reason == VK_ERROR_OUT_OF_POOL_MEMORY) break;
  }
  return reason;
}

PoolNeed Suballocator::need_of(std::uint32_t memory_type, const Ask& ask) const {
  const Requirements& asked = ask.requirements;
  Bytes round = policy_alignment(options_, asked.size);
  if (ask.optimal && !apart_) round = std::max(round, page_);
  const VkMemoryPropertyFlags flags = source_.flags_of(memory_type);
  if ((flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) != 0 && (flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) == 0)
    round = std::max<Bytes>(round, info().limits.nonCoherentAtomSize);  // neighbours share no atom
  PoolNeed need;
  need.size = align_up(asked.size, round);
  need.alignment = std::max({asked.alignment(), ask.request.alignment, round});
  need.expected = ask.expected;
  return need;
}

bool Suballocator::needs_own_memory(const Ask& ask) {
  return ask.requirements.requires_dedicated || ask.request.needs_own_memory();
}

bool Suballocator::prefers_dedicated(const Ask& ask) const {
  const Bytes above = options_.dedicated_above_bytes;
  const bool large_device_only = above != 0 && ask.requirements.size >= above && !is_mappable(ask.request.memory);
  return (ask.requirements.prefers_dedicated || large_device_only) && !ask.request.shared && !budget_.crowded();
}

Pool* Suballocator::first_pool(const Ask& ask, PoolNeed& need) {
  if (ask.request.pool != PoolId::none || needs_own_memory(ask) || prefers_dedicated(ask)) return nullptr;
  std::optional<MemoryTypeOrder> own;
  const MemoryTypeOrder& order = order_of(ask.request.memory, own);
  const int type = order.pick(ask.requirements.type_bits, 0);
  if (type < 0) return nullptr;
  const auto memory_type = static_cast<std::uint32_t>(type);
  need = need_of(memory_type, ask);
  return pools_.find(memory_type, size_class_of(need.size, options_), false);
}

Expected<Range*> Suballocator::allocate_in(std::uint32_t memory_type, const Ask& ask, const AllocationRecord& record,
                                           Effort effort) {
  const Requirements& asked = ask.requirements;
  PoolNeed need = need_of(memory_type, ask);
  need.last_resort = effort == Effort::last_resort;

  const std::uint32_t heap = source_.heap_of(memory_type);
  if (need.size > info().memory.memoryHeaps[heap].size) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  if (ask.request.pool != PoolId::none && !ask.optimal && !needs_own_memory(ask)) {
    Expected<Range*> range = allocate_named(memory_type, ask.request.pool, need, record);
    if (range) return range;
    if (!options_.pool_fallback) return VK_ERROR_OUT_OF_POOL_MEMORY;
  }
  const bool apart = apart_ && ask.optimal;
  Pool& pool = pools_.at(memory_type, size_class_of(need.size, options_), apart);

  const bool needs_own = needs_own_memory(ask);
  if (needs_own || prefers_dedicated(ask)) {
    PoolNeed exact = need;
    exact.size = asked.at_most ? requirements_.ask(ask.memory.buffer).size : asked.size;
    AllocationRecord own = record;
    own.requested = exact.size;
    residents_.collect();
    pools_.keep_below_peak(exact.size);
    MemoryFor purpose = ask.memory;
    if (ask.request.shared && !asked.requires_dedicated)
      purpose.buffer = VK_NULL_HANDLE, purpose.image = VK_NULL_HANDLE;
    Expected<Range*> range = pool.place_dedicated(exact, own, purpose);
    while (!range && make_room(heap, exact, own) > 0) range = pool.place_dedicated(exact, own, purpose);
    if (range || needs_own) return range;
  }

  if (Range* range = pool.place(need, record, true)) return range;
  if (options_.borrow)
    for (std::size_t other = 0; other < kSizeClassCount; ++other) {
      Pool* lender = pools_.find(memory_type, static_cast<SizeClass>(other), apart);
      if (lender == nullptr || lender == &pool) continue;
      if (Range* range = lender->place(need, record, false)) return range;
    }
  if (residents_.collect() > 0)
    if (Range* range = pool.place(need, record, true)) return range;
  pools_.keep_below_peak(pool.next_block_bytes(need));
  Expected<Range*> range = pool.grow(need, record);
  while (!range && make_room(heap, need, record) > 0) range = pool.grow(need, record);
  return range;
}

Expected<Range*> Suballocator::allocate_named(std::uint32_t memory_type, PoolId id, const PoolNeed& need,
                                              const AllocationRecord& record) {
  Pool& pool = pools_.at(id, memory_type);
  if (Range* range = pool.place(need, record, true)) return range;
  if (residents_.collect() > 0)
    if (Range* range = pool.place(need, record, true)) return range;
  Expected<Range*> range = pool.grow(need, record);
  while (!range && range.result() != VK_ERROR_OUT_OF_POOL_MEMORY &&
         make_room(source_.heap_of(memory_type), need, record) > 0)
    range = pool.grow(need, record);
  return range;
}

Bytes Suballocator::trim_own(std::uint32_t heap) {
  residents_.collect();
  return pools_.trim(heap);
}

// Nobody goes without for what nobody uses.
Bytes Suballocator::trim(std::uint32_t heap) {
  const Bytes given = trim_own(heap);
  return arena_.trim_others ? given + arena_.trim_others(heap) : given;
}

Bytes Suballocator::make_room(std::uint32_t heap) {
  const Bytes given = trim(heap);
  if (given > 0 || !reclaim_) return given;
  const Bytes reclaimed = reclaim_(heap);
  trim(heap);
  return reclaimed;
}

// What only moves evicts nothing: it might be next in line itself.
Bytes Suballocator::make_room(std::uint32_t heap, const PoolNeed& need, const AllocationRecord& record) {
  const Bytes given = make_room(heap);
  if (given > 0 || !evict_ || record.resource == 0) return given;
  const Bytes evicted = evict_(heap, need.size);
  trim(heap);
  return evicted;
}

}  // namespace vkmembench
