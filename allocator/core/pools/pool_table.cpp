#include "allocator/core/pools/pool_table.h"

#include <algorithm>

namespace vkmembench {

PoolTable::PoolTable(MemorySource& source, MemoryBudget& budget, const AllocatorOptions& options,
                     const ArenaPlace& arena, std::pmr::memory_resource& memory)
    : source_(source),
      budget_(budget),
      options_(options),
      arena_(arena),
      keep_floor_(options.min_block_bytes),
      memory_(memory),
      names_(memory) {}

PoolTable::~PoolTable() {
  for (PoolNode* node = oldest_; node != nullptr;) {
    PoolNode* gone = node;
    node = node->newer;
    PmrDelete<PoolNode>{&memory_}(gone);
  }
}

// What both kinds of pools have in common; another thread may have been first.
// The number of a pool that there is no memory for after all is nobody's.
Pool& PoolTable::make_in(std::atomic<Pool*>& slot, std::uint32_t memory_type, PoolShape shape) {
  const std::lock_guard lock(making_);
  if (Pool* pool = slot.load(std::memory_order_relaxed)) return *pool;
  shape.name.insert(0, arena_.pool_prefix);
  shape.name.append("/type").append(std::to_string(memory_type));
  shape.index = arena_.pool_numbers != nullptr ? arena_.pool_numbers->fetch_add(1) : count_;
  shape.arena = static_cast<std::uint8_t>(arena_.number);
  shape.memory_type = static_cast<std::uint8_t>(memory_type);
  PoolNode* node = make_pmr<PoolNode>(memory_, source_, options_, std::move(shape), memory_).release();
  (newest_ != nullptr ? newest_->newer : oldest_).store(node, std::memory_order_release);
  newest_ = node;
  ++count_;
  slot.store(&node->pool, std::memory_order_release);
  return node->pool;
}

Pool& PoolTable::make(std::uint32_t memory_type, SizeClass size_class, bool optimal) {
  constexpr std::array<const char*, kSizeClassCount> kNames = {"small", "medium", "big", "large"};
  const std::array<Bytes, kSizeClassCount> block_bytes = {options_.small_block_bytes, options_.medium_block_bytes,
                                                          options_.big_block_bytes, options_.large_block_bytes};
  PoolShape shape{std::pmr::string(&memory_)};
  shape.name = kNames[static_cast<std::size_t>(size_class)];
  if (optimal) shape.name += "-images";
  shape.optimal = optimal;
  shape.block_bytes = block_bytes[static_cast<std::size_t>(size_class)];
  return make_in(slots_[slot_of(memory_type, size_class, optimal)], memory_type, std::move(shape));
}

Pool& PoolTable::make(PoolId id, std::uint32_t memory_type) {
  const NamedPool& row = names_.row(id);
  PoolShape shape{std::pmr::string(&memory_)};
  shape.name = row.name;
  shape.block_bytes = row.block_bytes;
  shape.min_blocks = row.min_blocks;
  shape.max_blocks = row.max_blocks;
  shape.order = row.order;
  return make_in(names_.slot(id, memory_type), memory_type, std::move(shape));
}

void PoolTable::prewarm(std::uint32_t memory_type) {
  for (const SizeClass size_class : {SizeClass::small, SizeClass::medium, SizeClass::big}) {
    Pool& pool = at(memory_type, size_class, false);
    for (std::uint32_t i = 0; i < options_.prewarm_blocks; ++i)
      if (pool.prewarm() != VK_SUCCESS)
        return;  // what cannot be made ahead may still be made, or refused, when asked for
    keep_floor_ += pool.empty_bytes();
  }
}

// Empty blocks spare the driver's calls when demand swings, but nobody should hold much for nobody.
void PoolTable::settle_empty(Pool& emptied) {
  Bytes live = 0;
  Bytes empty = 0;
  for (const Pool* pool : all()) {
    live += pool->live_bytes();
    empty += pool->empty_bytes();
  }
  const auto share = static_cast<Bytes>(static_cast<double>(live) * options_.keep_empty_ratio);
  const Bytes allowed = std::max(share, keep_floor_);
  const auto cut = [&](Pool& pool) {
    if (empty <= allowed) return;
    const Bytes held = pool.empty_bytes();
    empty -= std::min(empty, pool.trim(held - std::min(held, empty - allowed)));
  };
  cut(emptied);
  for (Pool* pool : all()) cut(*pool);
}

void PoolTable::keep_below_peak(Bytes wanted) {
  const Bytes peak = budget_.total_peak();
  Bytes reserved = budget_.total_reserved();
  if (reserved + wanted <= peak) return;
  for (Pool* pool : all()) {
    const Bytes held = pool->empty_bytes();
    if (held == 0) continue;
    reserved -= std::min(reserved, pool->trim(held - std::min(held, reserved + wanted - peak)));
    if (reserved + wanted <= peak) return;
  }
}

Bytes PoolTable::trim() {
  Bytes given = 0;
  for (Pool* pool : all()) given += pool->trim(0);
  return given;
}

Bytes PoolTable::trim(std::uint32_t heap) {
  Bytes given = 0;
  for (Pool* pool : all())
    if (source_.heap_of(pool->shape().memory_type) == heap) given += pool->trim(0);
  return given;
}

}  // namespace vkmembench
