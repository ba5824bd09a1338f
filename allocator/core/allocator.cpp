#include "allocator/core/allocator.h"

#include <algorithm>
#include <new>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

// Up to this page size optimal images share blocks with buffers: they are rounded to whole pages, which costs them next
// to nothing because drivers align them as much, while two half-empty blocks would cost more.
constexpr Bytes kSharedPageLimit = kKiB;

// Other programs free memory too, and nobody tells: a device that refused is asked again after so many frames.
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
      type_orders_(order_memory_types(device.info->memory)),
      page_(std::max<Bytes>(device.info->limits.bufferImageGranularity, 1)),
      apart_(page_ > kSharedPageLimit),
      pools_(source_, budget_, settings_.options, settings_.arena, memory_),
      aliases_(memory_) {
  check_options(settings_.options, *device.info);
  if (settings_.options.named_pools)
    for (const NamedPool& pool : kNamedPools) add_pool(fitted(pool, settings_.options.named_pool_scale, *device.info));
  if (settings_.options.prewarm_blocks == 0) return;
  const int type = type_orders_[static_cast<std::size_t>(MemoryUse::device)].pick(~0u);
  if (type >= 0) pools_.prewarm(static_cast<std::uint32_t>(type));
}

Allocator::~Allocator() {
  collect();
  if (!settings_.on_leak) return;
  for (const LiveAllocation& leak : live_allocations()) settings_.on_leak(leak);
}

Range* Allocator::live_range(const Allocation& allocation) const {
  auto* range = static_cast<Range*>(allocation.token);
  check_live(range, allocation.resource);
  return range;
}

void Allocator::check_live(const Range* range, std::uint64_t resource) const {
  if (range != nullptr) __builtin_prefetch(&range->kept);  // together with the other half of the node
  VKMEMBENCH_CHECK(range != nullptr && range->state == RangeState::used &&
                       motion_of(*range).move != RangeMove::abandoned &&
                       (record_of(*range).resource == resource || aliases_.holds(resource, range)),
                   "an allocation is used only between its creation and its destruction");
}

AllocationRecord Allocator::record_for(const MemoryRequest& request, VkBuffer buffer,
                                       const VkBufferCreateInfo& info) const {
  AllocationRecord record = record_for(request, reinterpret_cast<std::uint64_t>(buffer));
  record.asked = info.size;
  record.description = info.usage;
  record.pinned = info.pNext != nullptr || info.flags != 0 || info.sharingMode != VK_SHARING_MODE_EXCLUSIVE;
  return record;
}

AllocationRecord Allocator::record_for(const MemoryRequest& request, VkImage image, const VkImageCreateInfo& info) {
  AllocationRecord record = record_for(request, reinterpret_cast<std::uint64_t>(image));
  record.image = true;
  const std::optional<std::uint32_t> description = images_.intern(info);
  record.description = description.value_or(0);
  record.pinned = !description;
  return record;
}

AllocationRecord Allocator::record_for(const MemoryRequest& request, std::uint64_t resource) const {
  AllocationRecord record;
  record.resource = resource;
  record.born_frame = record.used_frame = static_cast<std::uint32_t>(frame_.load(std::memory_order_relaxed));
  record.user = request.user;
  record.origin = request.origin.file;
  record.origin_line = request.origin.line;
  record.memory = request.memory;
  record.evictable = request.evictable;
  record.kind = request.kind;
  return record;
}

Expected<Range*> Allocator::allocate(const Ask& ask, AllocationRecord& record) {
  if (returned_.has_many()) [[unlikely]]
    collect();
  record.requested = ask.requirements.size;
  const bool held_back = settings_.options.prefer_within_budget || budget_.remembers_refusals();
  Expected<Range*> range = VK_ERROR_OUT_OF_HOST_MEMORY;
  try {
    range = allocate(ask, record, Effort::usual);
    if (range.result() == VK_ERROR_OUT_OF_DEVICE_MEMORY && held_back) {
      budget_.forget_refusals();
      range = allocate(ask, record, Effort::last_resort);
    }
  } catch (const std::bad_alloc&) {  // of the books
    range = VK_ERROR_OUT_OF_HOST_MEMORY;
  }
  if (!range) refused_.fetch_add(1, std::memory_order_relaxed);
  return range;
}

Expected<Range*> Allocator::allocate(const Ask& ask, AllocationRecord& record, Effort effort) {
  const MemoryTypeOrder& order = type_orders_[static_cast<std::size_t>(ask.request.memory)];
  VkResult reason = VK_ERROR_FEATURE_NOT_PRESENT;
  for (std::uint32_t nth = 0;; ++nth) {
    const int type = order.pick(ask.requirements.type_bits, nth);
    if (type < 0) break;
    record.fallback = nth > 0;
    Expected<Range*> range = allocate_in(static_cast<std::uint32_t>(type), ask, record, effort);
    if (range) return range;
    if (nth == 0) reason = range.result();
    if (settings_.options.fallback == FallbackPolicy::forbid || reason == VK_ERROR_OUT_OF_POOL_MEMORY) break;
  }
  return reason;
}

PoolNeed Allocator::need_of(std::uint32_t memory_type, const Ask& ask) const {
  const Requirements& asked = ask.requirements;
  Bytes round = policy_alignment(settings_.options, asked.size);
  if (ask.optimal && !apart_) round = std::max(round, page_);
  const VkMemoryPropertyFlags flags = source_.flags_of(memory_type);
  if ((flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) != 0 && (flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) == 0)
    round = std::max<Bytes>(round, device_.info->limits.nonCoherentAtomSize);  // neighbours share no atom
  PoolNeed need;
  need.size = align_up(asked.size, round);
  need.alignment = std::max({asked.alignment(), ask.request.alignment, round});
  need.expected = ask.expected;
  return need;
}

bool Allocator::prefers_dedicated(const Ask& ask) const {
  const Bytes above = settings_.options.dedicated_above_bytes;
  const bool large_device_only = above != 0 && ask.requirements.size >= above && !is_mappable(ask.request.memory);
  return (ask.requirements.prefers_dedicated || large_device_only) && !ask.request.shared && !budget_.crowded();
}

Pool* Allocator::first_pool(const Ask& ask, PoolNeed& need) {
  if (ask.request.pool != PoolId::none || ask.requirements.requires_dedicated || prefers_dedicated(ask)) return nullptr;
  const MemoryTypeOrder& order = type_orders_[static_cast<std::size_t>(ask.request.memory)];
  const int type = order.pick(ask.requirements.type_bits, 0);
  if (type < 0) return nullptr;
  const auto memory_type = static_cast<std::uint32_t>(type);
  need = need_of(memory_type, ask);
  return pools_.find(memory_type, size_class_of(need.size, settings_.options), false);
}

Expected<Range*> Allocator::allocate_in(std::uint32_t memory_type, const Ask& ask, const AllocationRecord& record,
                                        Effort effort) {
  const CoreOptions& options = settings_.options;
  const Requirements& asked = ask.requirements;
  PoolNeed need = need_of(memory_type, ask);
  need.last_resort = effort == Effort::last_resort;

  const std::uint32_t heap = source_.heap_of(memory_type);
  if (need.size > device_.info->memory.memoryHeaps[heap].size) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  if (ask.request.pool != PoolId::none && !ask.optimal && !asked.requires_dedicated) {
    Expected<Range*> range = allocate_named(memory_type, ask.request.pool, need, record);
    if (range) return range;
    if (!options.pool_fallback) return VK_ERROR_OUT_OF_POOL_MEMORY;
  }
  const bool apart = apart_ && ask.optimal;
  Pool& pool = pools_.at(memory_type, size_class_of(need.size, options), apart);

  if (asked.requires_dedicated || prefers_dedicated(ask)) {
    PoolNeed exact = need;
    exact.size = asked.at_most ? requirements_.ask(ask.resource.buffer).size : asked.size;
    AllocationRecord own = record;
    own.requested = exact.size;
    collect();
    pools_.keep_below_peak(exact.size);
    Expected<Range*> range = pool.place_dedicated(exact, own, ask.resource);
    while (!range && make_room(heap, exact, own) > 0) range = pool.place_dedicated(exact, own, ask.resource);
    if (range || asked.requires_dedicated) return range;
  }

  if (Range* range = pool.place(need, record, true)) return range;
  if (options.borrow)
    for (std::size_t other = 0; other < kSizeClassCount; ++other) {
      Pool* lender = pools_.find(memory_type, static_cast<SizeClass>(other), apart);
      if (lender == nullptr || lender == &pool) continue;
      if (Range* range = lender->place(need, record, false)) return range;
    }
  if (collect() > 0)
    if (Range* range = pool.place(need, record, true)) return range;
  pools_.keep_below_peak(pool.next_block_bytes(need));
  Expected<Range*> range = pool.grow(need, record);
  while (!range && make_room(heap, need, record) > 0) range = pool.grow(need, record);
  return range;
}

Expected<Range*> Allocator::allocate_named(std::uint32_t memory_type, PoolId id, const PoolNeed& need,
                                           const AllocationRecord& record) {
  Pool& pool = pools_.at(id, memory_type);
  if (Range* range = pool.place(need, record, true)) return range;
  if (collect() > 0)
    if (Range* range = pool.place(need, record, true)) return range;
  Expected<Range*> range = pool.grow(need, record);
  while (!range && range.result() != VK_ERROR_OUT_OF_POOL_MEMORY &&
         make_room(source_.heap_of(memory_type), need, record) > 0)
    range = pool.grow(need, record);
  return range;
}

void Allocator::release(Range* range, std::uint64_t resource) {
  Pool& pool = *block_of(*range).pool;
  if (pool.release(range, resource)) pools_.settle_empty(pool);
}

void Allocator::vacate(Range* range) {
  Pool& pool = *block_of(*range).pool;
  if (pool.vacate(range)) pools_.settle_empty(pool);
}

Expected<Allocation> Allocator::finish(Range* range, VkResult bound) {
  if (bound != VK_SUCCESS) {
    release(range, record_of(*range).resource);
    refused_.fetch_add(1, std::memory_order_relaxed);
    return bound;
  }
  kinds_.created(record_of(*range).kind, record_of(*range).requested);
  return allocation_of(range);
}

Allocation Allocator::allocation_of(Range* range) {
  const Block& block = block_of(*range);
  Allocation allocation;
  allocation.resource = record_of(*range).resource;
  allocation.memory = block.memory;
  allocation.offset = range->offset;
  allocation.charged = range->size;
  allocation.token = range;
  allocation.pool = block.pool->shape().index;
  allocation.memory_type = block.pool->shape().memory_type;
  allocation.arena = block.pool->shape().arena;
  allocation.image = record_of(*range).image;
  allocation.dedicated = block.dedicated;
  allocation.fallback = record_of(*range).fallback;
  return allocation;
}

// Binds the resource of the record to memory that serves it; a failure destroys it.
Expected<Allocation> Allocator::place(const Ask& ask, AllocationRecord record) {
  const Expected<Range*> range = allocate(ask, record);
  VkResult result = range.result();
  if (range) {
    result = bind_resource(device_, record.resource, record.image, block_of(**range).memory, (*range)->offset);
    const Expected<Allocation> allocation = finish(*range, result);
    if (allocation) return allocation;
  }
  destroy_resource(device_, record.resource, record.image);
  return result;
}

Expected<Allocation> Allocator::create_buffer(const VkBufferCreateInfo& info, const MemoryRequest& request) {
  const Expected<std::uint64_t> made = create_resource(device_, info);
  if (!made) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return made.result();
  }
  const VkBuffer buffer = buffer_of(*made);
  return place({requirements_.of_buffer(buffer, info), request, {buffer, VK_NULL_HANDLE}},
               record_for(request, buffer, info));
}

Expected<Allocation> Allocator::create_image(const VkImageCreateInfo& info, const MemoryRequest& request) {
  const Expected<std::uint64_t> made = create_resource(device_, info);
  if (!made) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return made.result();
  }
  const VkImage image = image_of(*made);
  const bool optimal = info.tiling == VK_IMAGE_TILING_OPTIMAL;
  return place({requirements_.of_image(image), request, {VK_NULL_HANDLE, image}, optimal},
               record_for(request, image, info));
}

void Allocator::destroy(const Allocation& allocation) {
  Range* range = live_range(allocation);
  if (record_of(*range).pinned && aliases_.has_aliases(range)) collect();  // its aliases, perhaps
  destroy_now({range, allocation.resource, allocation.image});
}

// Requires that it is live.
void Allocator::destroy_now(const Returned& what) {
  Range* range = what.range;
  const AllocationRecord& record = record_of(*range);
  if (record.resource != what.resource) return destroy_alias(what);
  VKMEMBENCH_CHECK(record.map_count == 0, "an allocation is unmapped before it is destroyed");
  VKMEMBENCH_CHECK(!record.pinned || !aliases_.has_aliases(range), "an allocation is destroyed after its aliases");
  if (!record.held) kinds_.destroyed(record.kind, record.requested);
  if (motion_of(*range).move == RangeMove::leaving) {  // the device may be reading it: its Mover destroys it afterwards
    motion_of(*range).move = RangeMove::abandoned;
    return;
  }
  destroy_resource(device_, what.resource, what.image);
  release(range, what.resource);
}

void Allocator::destroy(std::span<const Allocation> allocations) {
  for (const Allocation& allocation : allocations) destroy(allocation);
}

void Allocator::destroy_later(const Allocation& allocation) {
  if (!returned_.put({static_cast<Range*>(allocation.token), allocation.resource, allocation.image}))
    destroy(allocation);
}

std::size_t Allocator::collect() {
  constexpr std::size_t kAhead = 4;
  std::array<Returned, ReturnBox::kMany> some;
  std::size_t total = 0;
  const std::lock_guard lock(collecting_);  // until they are destroyed: aliases go before their targets
  while (const std::size_t count = returned_.take(some)) {
    for (std::size_t i = 0; i < count; ++i) {
      if (i + kAhead < count) __builtin_prefetch(some[i + kAhead].range);
      check_live(some[i].range, some[i].resource);
      destroy_now(some[i]);
    }
    total += count;
  }
  return total;
}

std::uint64_t Allocator::user_of(const Allocation& allocation) const {
  const AllocationRecord& record = record_of(*live_range(allocation));
  if (record.resource == allocation.resource) return record.user;
  return aliases_.user_of(allocation.resource).value_or(record.user);
}

Expected<std::byte*> Allocator::map(const Allocation& allocation) {
  Range* range = live_range(allocation);
  return block_of(*range).pool->map(range, static_cast<std::uint32_t>(frame_.load(std::memory_order_relaxed)));
}

void Allocator::unmap(const Allocation& allocation) {
  Range* range = live_range(allocation);
  block_of(*range).pool->unmap(range);
}

VkResult Allocator::flush(const Allocation& allocation, Offset offset, Bytes size) {
  const Range* range = live_range(allocation);
  return block_of(*range).pool->flush(range, offset, size, false);
}

VkResult Allocator::invalidate(const Allocation& allocation, Offset offset, Bytes size) {
  const Range* range = live_range(allocation);
  return block_of(*range).pool->flush(range, offset, size, true);
}

void Allocator::mark(const Allocation& allocation) { record_of(*live_range(allocation)).marked = true; }

void Allocator::has_contents(const Allocation& allocation) {
  motion_of(*live_range(allocation)).has_contents = true;
  touch(allocation);
}

void Allocator::begin_frame(std::uint64_t frame) {
  collect();
  const std::uint64_t before = frame_.exchange(frame, std::memory_order_relaxed);
  if (frame / kRefusalFrames != before / kRefusalFrames) budget_.forget_refusals();
}

void Allocator::touch(const Allocation& allocation) {
  Range* range = live_range(allocation);
  block_of(*range).pool->touch(range, static_cast<std::uint32_t>(frame_.load(std::memory_order_relaxed)));
}

}  // namespace vkmembench
