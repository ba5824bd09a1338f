// The parts of Pool that map and look at allocations instead of placing them.
#include <algorithm>

#include "allocator/base/check.h"
#include "allocator/core/pools/pool.h"

namespace vkmembench {

Expected<std::byte*> Pool::map(Range* range, std::uint32_t frame) {
  const std::lock_guard lock(mutex_);
  VKMEMBENCH_CHECK(range->state == RangeState::used, "only a live allocation is mapped");
  Block& block = block_of(*range);
  if (block.mapped == nullptr) {
    void* address = nullptr;
    const Device& device = source_.device();
    const VkResult result = device.fn.map_memory(device.handle, block.memory, 0, VK_WHOLE_SIZE, 0, &address);
    if (result != VK_SUCCESS) return result;
    block.mapped = static_cast<std::byte*>(address);
  }
  ++block.map_count;
  ++record_of(*range).map_count;
  ++record_of(*range).map_total;
  record_of(*range).used_frame = frame;
  ++record_of(*range).uses;
  maps_.add(1);
  return block.mapped + range->offset;
}

void Pool::unmap(Range* range) {
  const std::lock_guard lock(mutex_);
  VKMEMBENCH_CHECK(range->state == RangeState::used && record_of(*range).map_count > 0, "unmap undoes one map");
  --record_of(*range).map_count;
  Block& block = block_of(*range);
  if (--block.map_count > 0 || options_.keep_mapped) return;
  source_.device().fn.unmap_memory(source_.device().handle, block.memory);
  block.mapped = nullptr;
}

VkResult Pool::flush(const Range* range, Offset offset, Bytes size, bool invalidate) {
  VKMEMBENCH_CHECK(range->state == RangeState::used && record_of(*range).map_count > 0,
                   "only mapped memory is flushed");
  VKMEMBENCH_CHECK(offset <= range->size && size <= range->size - offset, "a flush stays within its allocation");
  if (size == 0 || (source_.flags_of(shape_.memory_type) & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0)
    return VK_SUCCESS;
  const Device& device = source_.device();
  const Bytes atom = std::max<Bytes>(device.info->limits.nonCoherentAtomSize, 1);
  const Block& block = block_of(*range);
  const Offset start = align_down(range->offset + offset, atom);
  const Offset end = std::min(align_up(range->offset + offset + size, atom), block.capacity);
  VkMappedMemoryRange mapped{};
  mapped.sType = VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE;
  mapped.memory = block.memory;
  mapped.offset = start;
  mapped.size = end - start;
  return invalidate ? device.fn.invalidate_mapped_memory_ranges(device.handle, 1, &mapped)
                    : device.fn.flush_mapped_memory_ranges(device.handle, 1, &mapped);
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

MemoryCounts Pool::counts() const {
  const std::lock_guard lock(mutex_);
  MemoryCounts counts;
  counts.block_count = block_count_.get();
  counts.dedicated_count = dedicated_count_.get();
  counts.allocation_count = allocation_count_.get();
  counts.block_bytes = block_bytes_.get();
  counts.allocation_bytes = allocation_bytes_.get();
  counts.required_bytes = required_bytes_.get();
  counts.empty_bytes = empty_bytes_.get();
  return counts;
}

PoolSnapshot Pool::snapshot() const {
  return {std::string(shape_.name),
          shape_.memory_type,
          source_.heap_of(shape_.memory_type),
          counts(),
          block_bytes_peak_.get(),
          allocation_bytes_peak_.get(),
          overflows_.get()};
}

void Pool::add_to(MonitorReport& report) const {
  const std::lock_guard lock(mutex_);
  EventTotals& totals = report.totals;
  totals.created += created_.get();
  totals.created_bytes += created_bytes_.get();
  totals.destroyed += destroyed_.get();
  totals.destroyed_bytes += destroyed_bytes_.get();
  totals.fallbacks += fallbacks_.get();
  totals.fallback_bytes += fallback_bytes_.get();
  totals.maps += maps_.get();
  for (std::size_t bucket = 0; bucket < sizes_.size(); ++bucket) report.sizes[bucket] += sizes_[bucket].get();
  const bool local = (source_.flags_of(shape_.memory_type) & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT) != 0;
  (local ? report.in_device_memory : report.in_host_memory) += created_.get();
}

bool Pool::owns(const void* range) const {
  const std::lock_guard lock(mutex_);
  return placement_.store().owns(range);
}

bool Pool::holds(const Range* range, std::uint64_t resource) const {
  const std::lock_guard lock(mutex_);
  return range->state == RangeState::used && record_of(*range).resource == resource &&
         motion_of(*range).move != RangeMove::abandoned;
}

void Pool::walk(const std::function<void(const Block&)>& visit) const {
  const std::lock_guard lock(mutex_);
  std::pmr::vector<const Block*> ordered(&memory_);
  for (const auto& block : blocks_) ordered.push_back(block.get());
  std::sort(ordered.begin(), ordered.end(), [](const Block* a, const Block* b) { return a->serial < b->serial; });
  for (const Block* block : ordered) visit(*block);
}

}  // namespace vkmembench
