#include "allocator/core/allocator.h"

#include <algorithm>
#include <bit>

#include "allocator/base/check.h"
#include "allocator/core/alias_binding.h"
#include "allocator/device/resource.h"

namespace vkmembench {
namespace {

// Other programs free memory too, and nobody tells: a device that refused is asked again after so many frames.
// long_soak at scale 0.3 in half the heap that it needs calls vkAllocateMemory 1440 times with 1, 570 with 60, 378
// without end.
constexpr std::uint64_t kRefusalFrames = 60;

}  // namespace

Allocator::Allocator(const Device& device, AllocatorSettings settings)
    : settings_(std::move(settings)),
      device_(device),
      memory_(device.host),
      own_budget_(settings_.budget == nullptr ? make_pmr<MemoryBudget>(memory_, *device.info) : nullptr),
      budget_(settings_.budget == nullptr ? *own_budget_ : *settings_.budget),
      source_(device, budget_),
      requirements_(device),
      images_(memory_),
      pools_(source_, budget_, settings_.options, settings_.arena, memory_),
      residents_(device_, pools_, memory_),
      suballocator_(source_, settings_.options, settings_.arena, requirements_, residents_) {
  check_options(settings_.options, *device.info);
  if (settings_.options.named_pools)
    for (const NamedPool& pool : kNamedPools) add_pool(fitted(pool, settings_.options.named_pool_scale, *device.info));
  if (settings_.options.prewarm_blocks == 0) return;
  const int type = suballocator_.order_of(MemoryUse::device).pick(~0u);
  if (type >= 0) pools_.prewarm(static_cast<std::uint32_t>(type));
}

Allocator::~Allocator() {
  collect();
  if (!settings_.on_leak) return;
  for (const LiveAllocation& leak : live_allocations()) settings_.on_leak(leak);
}

// Binds the resource of the record to memory that serves it; a failure destroys it.
Expected<Allocation> Allocator::place(const Ask& ask, AllocationRecord record) {
  const Expected<Range*> range = suballocator_.allocate(ask, record);
  VkResult result = range.result();
  if (range) {
    result = bind_resource(device_, record.resource, record.image, block_of(**range).memory, (*range)->offset);
    const Expected<Allocation> allocation = residents_.admit(*range, result);
    if (allocation) return allocation;
  }
  destroy_resource(device_, record.resource, record.image);
  return result;
}

Expected<Allocation> Allocator::create_buffer(const VkBufferCreateInfo& info, const MemoryRequest& request) {
  const Expected<std::uint64_t> made = create_resource(device_, info);
  if (!made) {
    residents_.refuse();
    return made.result();
  }
  const VkBuffer buffer = buffer_of(*made);
  return place({requirements_.of_buffer(buffer, info), request, memory_for(request, buffer)},
               record_for(request, buffer, info, residents_.short_frame()));
}

Expected<Allocation> Allocator::create_image(const VkImageCreateInfo& info, const MemoryRequest& request) {
  const Expected<std::uint64_t> made = create_resource(device_, info);
  if (!made) {
    residents_.refuse();
    return made.result();
  }
  const VkImage image = image_of(*made);
  const bool optimal = info.tiling == VK_IMAGE_TILING_OPTIMAL;
  return place({requirements_.of_image(image), request, memory_for(request, image), optimal},
               record_for(request, image, info, residents_.short_frame(), images_));
}

Expected<Allocation> Allocator::create_part(const ResourcePart& part, const MemoryRequest& request) {
  AllocationRecord record = record_for(request, part.number, residents_.short_frame());
  record.part = record.pinned = true;
  record.image = part.image;
  const MemoryFor memory{.priority = request.priority};
  const Expected<Range*> range =
      suballocator_.allocate({requirements_of(part.needs), request, memory, part.optimal}, record);
  return range ? residents_.admit(*range, VK_SUCCESS) : Expected<Allocation>(range.result());
}

void Allocator::create_buffers(const VkBufferCreateInfo& common, std::span<const Bytes> sizes,
                               const MemoryRequest& request, std::span<Expected<Allocation>> results, BatchMode mode) {
  vkmembench::create_buffers(parts(), common, sizes, request, results, mode);
}

Expected<Allocation> Allocator::create_aliasing_buffer(const VkBufferCreateInfo& info, const MemoryRequest& request,
                                                       const Allocation& target, Offset offset) {
  const Expected<std::uint64_t> made = create_resource(device_, info);
  if (!made) return made.result();
  return bind_alias(parts(), {*made, false, false, offset, requirements_.ask(buffer_of(*made))}, request, target);
}

Expected<Allocation> Allocator::create_aliasing_image(const VkImageCreateInfo& info, const MemoryRequest& request,
                                                      const Allocation& target, Offset offset) {
  const Expected<std::uint64_t> made = create_resource(device_, info);
  if (!made) return made.result();
  const bool optimal = info.tiling == VK_IMAGE_TILING_OPTIMAL;
  return bind_alias(parts(), {*made, true, optimal, offset, requirements_.of_image(image_of(*made))}, request, target);
}

void Allocator::destroy(std::span<const Allocation> allocations) {
  for (const Allocation& allocation : allocations) destroy(allocation);
}

std::optional<HeldBuffer> Allocator::hold(const Allocation& allocation) {
  Range* range = residents_.live_range(allocation);
  const AllocationRecord record = record_of(*range);
  VKMEMBENCH_CHECK(!record.held, "an allocation is released once");
  Pool& pool = *block_of(*range).pool;
  const bool alias = record.resource != allocation.resource;
  if (alias || record.image || record.pinned || record.fallback || motion_of(*range).move != RangeMove::none ||
      pool.shape().named())
    return std::nullopt;
  pool.hold(range, allocation.resource);
  residents_.kinds().destroyed(record.kind, record.requested);
  return HeldBuffer{record.asked, record.description, record.memory, record.kind, record.evictable != 0};
}

void Allocator::renew(const Allocation& held, const MemoryRequest& request) {
  Range* range = residents_.live_range(held);
  AllocationRecord record = record_for(request, held.resource, residents_.short_frame());
  record.description = record_of(*range).description;
  record.requested = record_of(*range).requested;
  record.asked = record_of(*range).asked;
  // It keeps what it was asked for this time wherever it moves; nobody looks at it while it is held.
  const auto asked = static_cast<std::uint8_t>(std::countr_zero(std::max<Bytes>(request.alignment, 1)));
  range->alignment_log2 = std::max(range->alignment_log2, asked);
  block_of(*range).pool->renew(range, record);
  residents_.kinds().created(record.kind, record.requested);
}

Expected<std::byte*> Allocator::map(const Allocation& allocation) {
  Range* range = residents_.live_range(allocation);
  const Expected<std::byte*> begin = block_of(*range).pool->map(range, residents_.short_frame());
  if (!begin) return begin;
  return *begin + (allocation.offset - range->offset);
}

void Allocator::unmap(const Allocation& allocation) {
  Range* range = residents_.live_range(allocation);
  block_of(*range).pool->unmap(range);
}

VkResult Allocator::flush(const Allocation& allocation, Offset offset, Bytes size) {
  const Range* range = residents_.live_range(allocation);
  return block_of(*range).pool->flush(range, allocation.offset - range->offset + offset, size, false);
}

VkResult Allocator::invalidate(const Allocation& allocation, Offset offset, Bytes size) {
  const Range* range = residents_.live_range(allocation);
  return block_of(*range).pool->flush(range, allocation.offset - range->offset + offset, size, true);
}

void Allocator::mark(const Allocation& allocation) { record_of(*residents_.live_range(allocation)).marked = true; }

void Allocator::has_contents(const Allocation& allocation) {
  motion_of(*residents_.live_range(allocation)).has_contents = true;
  touch(allocation);
}

void Allocator::touch(const Allocation& allocation) {
  Range* range = residents_.live_range(allocation);
  block_of(*range).pool->touch(range, residents_.short_frame());
}

void Allocator::begin_frame(std::uint64_t frame) {
  collect();
  const std::uint64_t before = residents_.begin_frame(frame);
  if (frame / kRefusalFrames != before / kRefusalFrames) budget_.forget_refusals();
}

Bytes Allocator::trim() {
  collect();
  return pools_.trim();
}

}  // namespace vkmembench
