#include "allocator/core/pools/pool.h"

#include <algorithm>
#include <new>

#include "allocator/base/check.h"
#include "allocator/core/pools/block_mapping.h"

namespace vkmembench {
namespace {

PlacementChoice choice_of(PoolOrder order, Fit fit) {
  if (order == PoolOrder::general) return fit;
  return order == PoolOrder::ring ? LinearOrder::ring : LinearOrder::stack;
}

}  // namespace

Pool::Pool(MemorySource& source, const AllocatorOptions& options, PoolShape shape, std::pmr::memory_resource& memory)
    : source_(source),
      options_(options),
      memory_(memory),
      shape_(std::move(shape)),
      sizes_(source, options, shape_),
      blocks_(choice_of(shape_.order, options.placement), memory) {}

Pool::~Pool() {
  for (const auto& block : blocks_.all()) give_back(*block);
}

Range* Pool::place_locked(const PoolNeed& need, const AllocationRecord& record, bool empty, bool thorough) {
  if (Range* range = blocks_.place(need, record, thorough)) return range;
  return empty ? blocks_.place_in_empty(need, record, !shape_.named()) : nullptr;
}

Range* Pool::place(const PoolNeed& need, const AllocationRecord& record, bool empty) {
  const std::lock_guard lock(mutex_);
  return place_locked(need, record, empty, false);
}

std::size_t Pool::place_run(std::span<const PoolNeed> needs, std::span<const AllocationRecord> records,
                            std::span<Range*> ranges, std::size_t more) {
  VKMEMBENCH_CHECK(!shape_.named(), "runs go to the pools of a size class");
  const std::lock_guard lock(mutex_);
  return blocks_.place_run(needs, records, ranges, more);
}

Bytes Pool::next_block_bytes(const PoolNeed& need) const {
  const bool crowded = sizes_.crowded();
  Bytes largest = 0;
  if (crowded) {
    const std::lock_guard lock(mutex_);
    for (const PmrPtr<Block>& block : blocks_.all())
      if (!block->dedicated) largest = std::max(largest, block->capacity);
  }
  return sizes_.next(need, counters().block_bytes(), crowded, largest);
}

Expected<Block*> Pool::make_block(Bytes size, bool last_resort, bool own, const MemoryFor& purpose) {
  PmrPtr<Block> block = make_pmr<Block>(memory_);
  const bool within_budget = options_.prefer_within_budget && !last_resort;
  const Expected<VkDeviceMemory> memory = source_.allocate(shape_.memory_type, size, within_budget, purpose);
  if (!memory) return memory.result();
  block->capacity = size;
  block->memory = *memory;
  block->pool = this;
  block->dedicated = own;
  block->of_one_resource = purpose.buffer != VK_NULL_HANDLE || purpose.image != VK_NULL_HANDLE;
  Block* made = block.get();
  try {
    const std::lock_guard lock(mutex_);
    blocks_.take_in(std::move(block));
  } catch (const std::bad_alloc&) {
    source_.free(*memory, shape_.memory_type, size);
    throw;
  }
  return made;
}

void Pool::give_back(Block& block) { source_.free(block.memory, shape_.memory_type, block.capacity); }

// The first range of a block made for it; without memory for that the block goes again.
Range* Pool::fill_made(Block& block, const PoolNeed& need, const AllocationRecord& record) {
  PmrPtr<Block> gone;
  try {
    const std::lock_guard lock(mutex_);
    return blocks_.place_in(block, need, record);
  } catch (const std::bad_alloc&) {
    const std::lock_guard lock(mutex_);
    gone = blocks_.take_out(block);
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

// Blocks of one size, a bounded number of them.
Expected<Range*> Pool::grow_named(const PoolNeed& need, const AllocationRecord& record) {
  if (need.size > shape_.block_bytes || counters().block_count() >= shape_.max_blocks) {
    blocks_.counters().overflowed();  // under growing_
    return VK_ERROR_OUT_OF_POOL_MEMORY;
  }
  const Expected<Block*> block = make_block(shape_.block_bytes, need.last_resort);
  if (!block) return block.result();
  Range* range = fill_made(**block, need, record);
  try {
    while (counters().block_count() < shape_.min_blocks)
      if (prewarm() != VK_SUCCESS) break;  // what cannot be made ahead may still be made when it is needed
  } catch (const std::bad_alloc&) {        // likewise
  }
  return range;
}

Expected<Range*> Pool::place_dedicated(const PoolNeed& need, const AllocationRecord& record, const MemoryFor& purpose) {
  const Expected<Block*> block = make_block(need.size, need.last_resort, true, purpose);
  if (!block) return block.result();
  return fill_made(**block, need, record);
}

VkResult Pool::prewarm() {
  const Expected<Block*> block = make_block(next_block_bytes({.size = 1}), false);
  if (!block) return block.result();
  const std::lock_guard lock(mutex_);
  blocks_.keep_empty(**block);
  return VK_SUCCESS;
}

bool Pool::release(Range* range, std::uint64_t resource) {
  PmrPtr<Block> gone;
  {
    const std::lock_guard lock(mutex_);
    VKMEMBENCH_CHECK(range->state == RangeState::used && record_of(*range).resource == resource,
                     "an allocation is destroyed once, by the allocator that made it");
    VKMEMBENCH_CHECK(record_of(*range).map_count == 0, "an allocation is unmapped before it is destroyed");
    blocks_.counters().destroyed(*range);
    Block& block = block_of(*range);
    if (!blocks_.release(range) || !empty_locked(block, gone)) return false;
  }
  if (gone != nullptr) give_back(*gone);
  return true;
}

bool Pool::vacate(Range* range) {
  PmrPtr<Block> gone;
  {
    const std::lock_guard lock(mutex_);
    VKMEMBENCH_CHECK(range->state == RangeState::used && record_of(*range).map_count == 0,
                     "a range is vacated once, when nobody maps it");
    blocks_.counters().vacated(*range);
    Block& block = block_of(*range);
    if (!blocks_.release(range) || !empty_locked(block, gone)) return false;
  }
  if (gone != nullptr) give_back(*gone);
  return true;
}

// A block became empty: it is kept, or leaves in `gone`, and of a closed one its closer decides.
bool Pool::empty_locked(Block& block, PmrPtr<Block>& gone) {
  if (block.access == RegionAccess::closed) return false;
  block.rank = ~0u;
  block.access = RegionAccess::open;
  const bool stays = blocks_.empty().size() < options_.keep_empty_blocks || blocks_.all().size() <= shape_.min_blocks;
  if (!block.dedicated && stays)
    blocks_.keep_empty(block);
  else
    gone = blocks_.take_out(block);
  return true;
}

void Pool::settle(Range* range, const AllocationRecord& record) {
  const std::lock_guard lock(mutex_);
  VKMEMBENCH_CHECK(range->state == RangeState::used && record_of(*range).resource == 0 && record.resource != 0,
                   "an allocation settles in a claimed range");
  record_of(*range) = record;
  blocks_.counters().settled(record);
}

Bytes Pool::trim(Bytes keep) {
  Bytes given = 0;
  while (const PmrPtr<Block> gone = take_out_largest_empty(keep)) {
    given += gone->capacity;
    give_back(*gone);
  }
  return given;
}

// nullptr when no more than `keep` bytes are empty.
PmrPtr<Block> Pool::take_out_largest_empty(Bytes keep) {
  const std::lock_guard lock(mutex_);
  if (counters().empty_bytes() <= keep || blocks_.all().size() <= shape_.min_blocks) return nullptr;
  return blocks_.take_out_largest_empty();
}

Expected<std::byte*> Pool::map(Range* range, std::uint32_t frame) {
  const std::lock_guard lock(mutex_);
  VKMEMBENCH_CHECK(range->state == RangeState::used, "only a live allocation is mapped");
  Block& block = block_of(*range);
  const Expected<std::byte*> start = map_block(source_.device(), block);
  if (!start) return start;
  ++block.map_count;
  AllocationRecord& record = record_of(*range);
  ++record.map_count;
  ++record.map_total;
  record.used_frame = frame;
  ++record.uses;
  blocks_.counters().mapped();
  return *start + range->offset;
}

void Pool::unmap(Range* range) {
  const std::lock_guard lock(mutex_);
  VKMEMBENCH_CHECK(range->state == RangeState::used && record_of(*range).map_count > 0, "unmap undoes one map");
  --record_of(*range).map_count;
  Block& block = block_of(*range);
  if (--block.map_count == 0 && !options_.keep_mapped) unmap_block(source_.device(), block);
}

VkResult Pool::flush(const Range* range, Offset offset, Bytes size, bool invalidate) {
  VKMEMBENCH_CHECK(range->state == RangeState::used && record_of(*range).map_count > 0,
                   "only mapped memory is flushed");
  VKMEMBENCH_CHECK(offset <= range->size && size <= range->size - offset, "a flush stays within its allocation");
  if (size == 0 || (source_.flags_of(shape_.memory_type) & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0)
    return VK_SUCCESS;
  return flush_range(source_.device(), *range, offset, size, invalidate);
}

void Pool::touch(Range* range, std::uint32_t frame) {
  const std::lock_guard lock(mutex_);
  VKMEMBENCH_CHECK(range->state == RangeState::used, "only a live allocation is used");
  record_of(*range).used_frame = frame;
  ++record_of(*range).uses;
}

bool Pool::pin(Range* range, bool pinned) {
  const std::lock_guard lock(mutex_);
  const bool before = record_of(*range).pinned;
  record_of(*range).pinned = pinned;
  return before;
}

void Pool::outlive(Range* range, std::uint64_t resource) {
  const std::lock_guard lock(mutex_);
  AllocationRecord& record = record_of(*range);
  VKMEMBENCH_CHECK(range->state == RangeState::used && record.resource == resource,
                   "an allocation is destroyed once, by the allocator that made it");
  record.resource = kGoneOwner;
  record.marked = record.evictable = false;
}

void Pool::hold(Range* range, std::uint64_t resource) {
  const std::lock_guard lock(mutex_);
  AllocationRecord& record = record_of(*range);
  VKMEMBENCH_CHECK(range->state == RangeState::used && record.resource == resource && !record.held,
                   "an allocation is released once, to the allocator that made it");
  VKMEMBENCH_CHECK(record.map_count == 0, "an allocation is unmapped before it is released");
  record.held = record.pinned = true;
  record.marked = record.evictable = false;
  record.user = 0;
}

void Pool::renew(Range* range, const AllocationRecord& record) {
  const std::lock_guard lock(mutex_);
  VKMEMBENCH_CHECK(range->state == RangeState::used && record_of(*range).held,
                   "only a held allocation is taken into use");
  record_of(*range) = record;
}

void Pool::set_access(Block& block, RegionAccess access) {
  const std::lock_guard lock(mutex_);
  blocks_.set_access(block, access);
}

void Pool::open_all() {
  const std::lock_guard lock(mutex_);
  for (const PmrPtr<Block>& block : blocks_.all())
    if (block->access != RegionAccess::open || block->walked != nullptr) blocks_.set_access(*block, RegionAccess::open);
}

void Pool::begin_access(Block& block, RegionAccess access) {
  const std::lock_guard lock(mutex_);
  VKMEMBENCH_CHECK(block.used_count > 0, "an empty block is not closed but trimmed");
  blocks_.packing().begin_access(block, access);
}

std::size_t Pool::continue_access(Block* block, std::size_t most, const std::function<bool(Range&)>& visit,
                                  bool& done) {
  const std::lock_guard lock(mutex_);
  const auto& all = blocks_.all();
  done = std::none_of(all.begin(), all.end(), [block](const auto& there) { return there.get() == block; });
  std::size_t steps = all.size() / 16;  // a pointer a block costs less than a range
  while (!done && steps < most) {
    Range* range = block->walked;
    if (range != nullptr && !visit(*range)) break;
    ++steps;
    done = blocks_.packing().next_access(*block) == nullptr;
  }
  return steps;
}

Bytes Pool::retire(Block& block) {
  const Bytes bytes = block.capacity;
  PmrPtr<Block> gone;
  {
    const std::lock_guard lock(mutex_);
    VKMEMBENCH_CHECK(block.access == RegionAccess::closed && block.used_count == 0,
                     "only a closed block without allocations retires");
    gone = blocks_.take_out(block);
  }
  give_back(*gone);
  return bytes;
}

Range* Pool::claim_below(std::uint32_t rank, const PoolNeed& need, const AllocationRecord& record, Tlsf::Seen& seen,
                         std::size_t& steps) {
  const std::lock_guard lock(mutex_);
  Range* range = blocks_.packing().place_below(rank, need.size, need.alignment, seen, steps);
  return range == nullptr ? nullptr : blocks_.fill(range, record, need.alignment);
}

Expected<Block*> Pool::make_closed(Bytes size) {
  const Expected<Block*> block = make_block(size, false);
  if (!block) return block;
  const std::lock_guard lock(mutex_);
  blocks_.packing().set_access(**block, RegionAccess::closed);
  return block;
}

Range* Pool::claim_next(Block& block, const Range* last, const PoolNeed& need, const AllocationRecord& record) {
  const std::lock_guard lock(mutex_);
  VKMEMBENCH_CHECK(block.access == RegionAccess::closed, "only a closed block is filled by name");
  if (last == nullptr || last->state != RangeState::used || last->region != &block) {  // gone since, perhaps
    last = nullptr;
    for (const Range* range = block.first; range != nullptr; range = range->after)
      if (range->state == RangeState::used) last = range;
  }
  if (last == nullptr) return need.size <= block.capacity ? blocks_.place_in(block, need, record) : nullptr;
  Range* range = blocks_.packing().place_after(*last, need.size, need.alignment);
  return range == nullptr ? nullptr : blocks_.fill(range, record, need.alignment);
}

FreeSummary Pool::free_summary() const {
  const std::lock_guard lock(mutex_);
  return blocks_.free_summary();
}

MemoryCounts Pool::counts() const {
  const std::lock_guard lock(mutex_);
  return counters().counts();
}

PoolSnapshot Pool::snapshot() const {
  return {std::string(shape_.name),      shape_.memory_type,    source_.heap_of(shape_.memory_type), counts(),
          counters().block_bytes_peak(), counters().overflows()};
}

Bytes Pool::empty_bytes() const {
  const Bytes empty = counters().empty_bytes();
  if (shape_.min_blocks == 0) return empty;
  const std::uint64_t blocks = counters().block_count();
  return std::min(empty, (blocks - std::min<std::uint64_t>(blocks, shape_.min_blocks)) * shape_.block_bytes);
}

void Pool::add_to(MonitorReport& report) const {
  const std::lock_guard lock(mutex_);
  counters().add_to(report, (source_.flags_of(shape_.memory_type) & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT) != 0);
}

bool Pool::owns(const void* range) const {
  const std::lock_guard lock(mutex_);
  return blocks_.store().owns(range);
}

bool Pool::holds(const Range* range, std::uint64_t resource) const {
  const std::lock_guard lock(mutex_);
  return range->state == RangeState::used && record_of(*range).resource == resource &&
         motion_of(*range).move != RangeMove::abandoned;
}

void Pool::walk(const std::function<void(const Block&)>& visit) const {
  const std::lock_guard lock(mutex_);
  std::pmr::vector<const Block*> ordered(&memory_);
  for (const auto& block : blocks_.all()) ordered.push_back(block.get());
  std::sort(ordered.begin(), ordered.end(), [](const Block* a, const Block* b) { return a->serial < b->serial; });
  for (const Block* block : ordered) visit(*block);
}

}  // namespace vkmembench
