// The parts of Allocator that serve its named pools.
#include "allocator/core/allocator.h"

namespace vkmembench {

PoolId Allocator::add_pool(const NamedPool& pool) { return named_.add(pool, *device_.info); }

PoolId Allocator::find_pool(std::string_view name) const { return named_.find(name); }

Pool& Allocator::named_pool_for(PoolId id, std::uint32_t memory_type) {
  std::atomic<Pool*>& slot = named_.slot(id, memory_type);
  if (Pool* pool = slot.load(std::memory_order_acquire)) return *pool;
  const std::lock_guard lock(pools_mutex_);
  if (Pool* pool = slot.load(std::memory_order_relaxed)) return *pool;
  const NamedPool& row = named_.row(id);
  PoolShape shape;
  shape.name = settings_.arena.pool_prefix + std::string(row.name) + "/type" + std::to_string(memory_type);
  shape.index = next_pool_index();
  shape.arena = static_cast<std::uint8_t>(settings_.arena.number);
  shape.memory_type = static_cast<std::uint8_t>(memory_type);
  shape.block_bytes = row.block_bytes;
  shape.min_blocks = row.min_blocks;
  shape.max_blocks = row.max_blocks;
  shape.order = row.order;
  pools_.push_back(std::make_unique<Pool>(source_, settings_.options, std::move(shape)));
  slot.store(pools_.back().get(), std::memory_order_release);
  return *pools_.back();
}

Expected<Range*> Allocator::allocate_named(std::uint32_t memory_type, PoolId id, const PoolNeed& need,
                                           const AllocationRecord& record) {
  Pool& pool = named_pool_for(id, memory_type);
  if (Range* range = pool.place(need, record, true)) return range;
  if (collect() > 0)
    if (Range* range = pool.place(need, record, true)) return range;
  Expected<Range*> range = pool.grow(need, record);
  while (!range && range.result() != VK_ERROR_OUT_OF_POOL_MEMORY &&
         make_room(source_.heap_of(memory_type), need, record) > 0)
    range = pool.grow(need, record);
  return range;
}

}  // namespace vkmembench
