#include "allocator/core/pools/pool.h"

#include <algorithm>
#include <bit>
#include <new>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

constexpr Bytes kBlockStep = 64 * kKiB;  // growing blocks are multiples of it, unless cut to what they are for
constexpr Bytes kRampShare = 4;          // of the bytes held in all: a block up to min_block_bytes

// Near the object limit: the first block of a pool as a share of the largest, and, while more than a few objects are
// left, the most that any block takes as a share of the bytes held in all.
constexpr Bytes kCrowdedStart = 8;
constexpr Bytes kCrowdedShare = 32;
constexpr std::uint32_t kFewObjects = 64;

PlacementChoice choice_of(PoolOrder order, Fit fit) {
  if (order == PoolOrder::general) return fit;
  return order == PoolOrder::ring ? LinearOrder::ring : LinearOrder::stack;
}

}  // namespace

Pool::Pool(MemorySource& source, const CoreOptions& options, PoolShape shape, std::pmr::memory_resource& memory)
    : source_(source),
      options_(options),
      memory_(memory),
      shape_(std::move(shape)),
      placement_(choice_of(shape_.order, options.placement), memory),
      blocks_(&memory),
      idle_(&memory) {}

Pool::~Pool() {
  for (const auto& block : blocks_) give_back(*block);
}

Range* Pool::fill_locked(Range* range, const AllocationRecord& record, Bytes alignment) {
  record_of(*range) = record;
  motion_of(*range) = {};
  range->alignment_log2 = static_cast<std::uint8_t>(std::countr_zero(alignment));
  allocation_bytes_.add(range->size);
  allocation_bytes_peak_.raise_to(allocation_bytes_.get());
  if (record.resource == 0) return range;
  allocation_count_.add(1);
  required_bytes_.add(record.requested);
  created_.add(1);
  created_bytes_.add(record.requested);
  sizes_[size_bucket(record.requested)].add(1);
  if (record.fallback) {
    fallbacks_.add(1);
    fallback_bytes_.add(record.requested);
  }
  return range;
}

Range* Pool::place_in_idle_locked(const PoolNeed& need, const AllocationRecord& record) {
  Block* best = nullptr;
  for (Block* block : idle_) {
    if (block->capacity < need.size) continue;
    // What would be left beside a large tenant seldom serves anybody: a block of the right size is tighter.
    const bool wasteful =
        !shape_.named() && need.size > block->capacity / 2 && block->capacity - need.size > block->capacity / 8;
    if (!wasteful && (best == nullptr || block->capacity < best->capacity ||
                      (block->capacity == best->capacity && block->serial < best->serial)))
      best = block;
  }
  if (best == nullptr) return nullptr;
  Range* range = placement_.place_in_idle(*best, need.size);
  idle_.erase(std::find(idle_.begin(), idle_.end(), best));
  empty_bytes_.subtract(best->capacity);
  return fill_locked(range, record, need.alignment);
}

Range* Pool::place_locked(const PoolNeed& need, const AllocationRecord& record, bool idle, bool thorough) {
  Range* range = placement_.place(need.size, need.alignment, thorough);
  if (range != nullptr) return fill_locked(range, record, need.alignment);
  return idle ? place_in_idle_locked(need, record) : nullptr;
}

Range* Pool::place(const PoolNeed& need, const AllocationRecord& record, bool idle) {
  const std::lock_guard lock(mutex_);
  return place_locked(need, record, idle, false);
}

std::size_t Pool::place_run(std::span<const PoolNeed> needs, std::span<const AllocationRecord> records,
                            std::span<Range*> ranges, std::size_t more) {
  VKMEMBENCH_CHECK(!shape_.named(), "runs go to the pools of a size class");
  const std::lock_guard lock(mutex_);
  std::size_t placed = 0;
  try {
    Tlsf& placement = placement_.packing();
    placement.reserve(needs.size() + more);
    Tlsf::Run run(placement);
    for (; placed < needs.size(); ++placed) {
      const PoolNeed& need = needs[placed];
      Range* range = run.place(need.size, need.alignment);
      if (range == nullptr) break;
      ranges[placed] = fill_locked(range, records[placed], need.alignment);
    }
  } catch (const std::bad_alloc&) {  // the next that is placed by itself says so
  }
  return placed;
}

// A program that holds little would waste most of a full-sized first block in each of its pools.
Bytes Pool::smallest_block_bytes() const {
  const Bytes first = std::min(options_.first_block_bytes, options_.min_block_bytes);
  return std::clamp(align_up(source_.budget().total_reserved() / kRampShare, kBlockStep), first,
                    options_.min_block_bytes);
}

// The objects left are to reach the end of the heap, yet no large block is to serve a few: those of a pool double, as
// VMA's do.
Bytes Pool::crowded_block_bytes(const PoolNeed& need) const {
  const MemoryBudget& budget = source_.budget();
  const Bytes heap = source_.device().info->memory.memoryHeaps[source_.heap_of(shape_.memory_type)].size;
  const Bytes most = std::min(options_.max_block_bytes, align_up(heap / kCrowdedStart, kBlockStep));
  Bytes largest = need.size;
  {
    const std::lock_guard lock(mutex_);
    for (const PmrPtr<Block>& block : blocks_)
      if (!block->dedicated) largest = std::max(largest, block->capacity);
  }
  const Bytes first = std::min(align_up(most / kCrowdedStart, kBlockStep), most);
  const Bytes doubled = std::clamp(2 * largest, first, most);
  if (budget.objects_left() <= kFewObjects) return doubled;
  return std::min(doubled, align_up(budget.total_reserved() / kCrowdedShare, kBlockStep));
}

Bytes Pool::next_block_bytes(const PoolNeed& need) const {
  if (need.last_resort) return need.size;
  Bytes target = shape_.block_bytes;
  if (shape_.named()) return target;
  const bool crowded = source_.budget().crowded();
  if (crowded) {
    target = std::max({target, smallest_block_bytes(), crowded_block_bytes(need)});
  } else if (target == 0) {
    const double share = static_cast<double>(block_bytes_.get()) * options_.growth_ratio;
    target =
        std::clamp(align_up(static_cast<Bytes>(share), kBlockStep), smallest_block_bytes(), options_.max_block_bytes);
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

Expected<Block*> Pool::make_block(Bytes size, bool last_resort, DedicatedTo resource) {
  PmrPtr<Block> block = make_pmr<Block>(memory_);
  const bool within_budget = options_.prefer_within_budget && !last_resort;
  const Expected<VkDeviceMemory> memory = source_.allocate(shape_.memory_type, size, within_budget, resource);
  if (!memory) return memory.result();
  block->capacity = size;
  block->memory = *memory;
  block->pool = this;
  block->dedicated = resource.buffer != VK_NULL_HANDLE || resource.image != VK_NULL_HANDLE;
  Block* made = block.get();
  try {
    const std::lock_guard lock(mutex_);
    take_in_locked(std::move(block));
  } catch (const std::bad_alloc&) {
    source_.free(*memory, shape_.memory_type, size);
    throw;
  }
  return made;
}

void Pool::take_in_locked(PmrPtr<Block> block) {
  if (blocks_.size() == blocks_.capacity()) blocks_.reserve(blocks_.size() + std::max<std::size_t>(blocks_.size(), 8));
  idle_.reserve(blocks_.capacity());
  block->serial = next_serial_;
  block->position = static_cast<std::uint32_t>(blocks_.size());
  placement_.add(*block);
  ++next_serial_;
  block_count_.add(1);
  block_bytes_.add(block->capacity);
  block_bytes_peak_.raise_to(block_bytes_.get());
  if (block->dedicated) dedicated_count_.add(1);
  blocks_.push_back(std::move(block));
}

PmrPtr<Block> Pool::take_out_locked(Block& block) {
  placement_.remove(block);
  block_count_.subtract(1);
  block_bytes_.subtract(block.capacity);
  if (block.dedicated) dedicated_count_.subtract(1);
  const std::uint32_t position = block.position;
  PmrPtr<Block> taken = std::move(blocks_[position]);
  if (position + 1 != blocks_.size()) {
    blocks_[position] = std::move(blocks_.back());
    blocks_[position]->position = position;
  }
  blocks_.pop_back();
  return taken;
}

void Pool::give_back(Block& block) { source_.free(block.memory, shape_.memory_type, block.capacity); }

// The first range of a block made for it; without memory for that the block goes again.
Range* Pool::fill_made(Block& block, const PoolNeed& need, const AllocationRecord& record) {
  PmrPtr<Block> gone;
  try {
    const std::lock_guard lock(mutex_);
    return fill_locked(placement_.place_in_idle(block, need.size), record, need.alignment);
  } catch (const std::bad_alloc&) {
    const std::lock_guard lock(mutex_);
    gone = take_out_locked(block);
  }
  give_back(*gone);
  throw std::bad_alloc();
}

Expected<Range*> Pool::grow(const PoolNeed& need, const AllocationRecord& record) {
  const std::lock_guard growing(growing_);
  {
    const std::lock_guard lock(mutex_);
    if (Range* range = place_locked(need, record, true, true)) return range;
  }
  if (shape_.named()) return grow_named(need, record);
  for (Bytes size = next_block_bytes(need);;) {
    const Expected<Block*> block = make_block(size, need.last_resort);
    if (block) return fill_made(**block, need, record);
    if (size == need.size || block.result() == VK_ERROR_TOO_MANY_OBJECTS) return block.result();
    size = size / 2 >= need.size ? size / 2 : need.size;
  }
}

Expected<Range*> Pool::place_dedicated(const PoolNeed& need, const AllocationRecord& record, DedicatedTo resource) {
  const Expected<Block*> block = make_block(need.size, need.last_resort, resource);
  if (!block) return block.result();
  return fill_made(**block, need, record);
}

VkResult Pool::prewarm() {
  const Expected<Block*> block = make_block(next_block_bytes({.size = 1}), false);
  if (!block) return block.result();
  const std::lock_guard lock(mutex_);
  idle_.push_back(*block);
  empty_bytes_.add((*block)->capacity);
  return VK_SUCCESS;
}

bool Pool::release(Range* range, std::uint64_t resource) {
  PmrPtr<Block> gone;
  {
    const std::lock_guard lock(mutex_);
    VKMEMBENCH_CHECK(range->state == RangeState::used && record_of(*range).resource == resource,
                     "an allocation is destroyed once, by the allocator that made it");
    VKMEMBENCH_CHECK(record_of(*range).map_count == 0, "an allocation is unmapped before it is destroyed");
    allocation_count_.subtract(1);
    allocation_bytes_.subtract(range->size);
    required_bytes_.subtract(record_of(*range).requested);
    destroyed_.add(1);
    destroyed_bytes_.add(record_of(*range).requested);
    Block& block = block_of(*range);
    if (!placement_.release(range)) return false;
    if (!empty_locked(block, gone)) return false;
  }
  if (gone != nullptr) give_back(*gone);
  return true;
}

// A block became empty: it is kept, or leaves in `gone`, and whoever closed it decides of a closed one.
bool Pool::empty_locked(Block& block, PmrPtr<Block>& gone) {
  if (block.access == RegionAccess::closed) return false;
  block.rank = ~0u;
  block.access = RegionAccess::open;
  const bool stays = idle_.size() < options_.keep_empty_blocks || blocks_.size() <= shape_.min_blocks;
  if (!block.dedicated && stays) {
    idle_.push_back(&block);
    empty_bytes_.add(block.capacity);
  } else {
    gone = take_out_locked(block);
  }
  return true;
}

Bytes Pool::trim(Bytes keep) {
  Bytes given = 0;
  while (const PmrPtr<Block> gone = take_out_largest_idle(keep)) {
    given += gone->capacity;
    give_back(*gone);
  }
  return given;
}

// nullptr when no more than `keep` bytes are empty.
PmrPtr<Block> Pool::take_out_largest_idle(Bytes keep) {
  const std::lock_guard lock(mutex_);
  if (empty_bytes_.get() <= keep || blocks_.size() <= shape_.min_blocks) return nullptr;
  const auto largest = std::max_element(idle_.begin(), idle_.end(), [](const Block* a, const Block* b) {
    return a->capacity != b->capacity ? a->capacity < b->capacity : a->serial < b->serial;
  });
  Block& block = **largest;
  idle_.erase(largest);
  empty_bytes_.subtract(block.capacity);
  return take_out_locked(block);
}

}  // namespace vkmembench
