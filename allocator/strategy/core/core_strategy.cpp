#include "allocator/strategy/core/core_strategy.h"

#include <algorithm>

#include "allocator/strategy/core/arena_strategy.h"
#include "allocator/strategy/core/core_presets.h"
#include "allocator/strategy/families.h"

namespace vkmembench {
namespace {

// What both kinds of requests say of memory.
template <typename Request>
MemoryRequest base_memory_request(const Request& request) {
  return {.memory = request.memory,
          .user = request.user,
          .evictable = request.evictable,
          .shared = request.shared,
          .dedicated = request.dedicated,
          .priority = request.priority,
          .export_handles = request.export_handles};
}

std::unique_ptr<Strategy> make_core(const Device& device, const Parameters& parameters) {
  const CoreOptions options = core_options(parameters);
  if (options.arenas > 1) return std::make_unique<ArenaStrategy>(device, options);
  return std::make_unique<CoreStrategy>(device, options);
}

}  // namespace

CoreStrategy::CoreStrategy(const Device& device, Allocator* shared, const CoreOptions& options)
    : device_(device),
      options_(options),
      memory_(device.host),
      own_(shared != nullptr
               ? nullptr
               : make_pmr<Allocator>(
                     memory_, device,
                     AllocatorSettings{
                         .tag = "core", .options = options.allocator, .budget = nullptr, .on_leak = {}, .arena = {}})),
      allocator_(shared != nullptr ? *shared : *own_),
      bound_(device),
      resizes_(device),
      adaptive_(allocator_, options.adaptive) {
  check_options(options);
  // The caller of a strategy defers frees by the frames in flight already.
  if (!options.reuses) return;
  ReuseSettings reuse = options.reuse;
  reuse.frames_in_flight = 0;
  reuse_.emplace(allocator_, reuse);
}

MemoryRequest CoreStrategy::memory_request(const BufferRequest& request) const {
  const bool named = !request.pool.empty() && (allocator_.options().named_pools || is_program_pool(request.pool));
  MemoryRequest memory = base_memory_request(request);
  memory.alignment = request.alignment;
  memory.kind = request.kind;
  if (named) memory.pool = allocator_.find_pool(request.pool);
  return memory;
}

// On a device too small for any block of a pool, its buffers are served like others.
void CoreStrategy::add_program_pools(std::span<const NamedPool> pools) {
  Bytes largest = 0;
  for (std::uint32_t heap = 0; heap < device_.info->memory.memoryHeapCount; ++heap)
    largest = std::max(largest, device_.info->memory.memoryHeaps[heap].size);
  largest = std::min(largest, device_.info->max_memory_allocation_size);
  for (const NamedPool& pool : pools)
    if (fitted(pool, 1, *device_.info).block_bytes > largest) return;
  for (const NamedPool& pool : pools) allocator_.add_pool(fitted(pool, 1, *device_.info));
  program_pools_ = pools;
}

bool CoreStrategy::is_program_pool(std::string_view name) const {
  return std::ranges::find(program_pools_, name, &NamedPool::name) != program_pools_.end();
}

Expected<Allocation> CoreStrategy::create_buffer(const BufferRequest& request) {
  const ChainedBufferInfo info(request);
  const MemoryRequest memory = memory_request(request);
  return reuse_ ? reuse_->acquire(info.get(), memory) : allocator_.create_buffer(info.get(), memory);
}

Expected<Allocation> CoreStrategy::create_image(const ImageRequest& request) {
  return allocator_.create_image(chained_info(request).get(), base_memory_request(request));
}

void CoreStrategy::create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                                  std::span<Expected<Allocation>> results) {
  allocator_.create_buffers(chained_info(common).get(), sizes, memory_request(common), results);
}

Expected<Allocation> CoreStrategy::create_alias(const BufferRequest& request, const Allocation& target, Offset offset) {
  return allocator_.create_aliasing_buffer(chained_info(request).get(), memory_request(request), target, offset);
}

Expected<Allocation> CoreStrategy::create_alias(const ImageRequest& request, const Allocation& target, Offset offset) {
  return allocator_.create_aliasing_image(chained_info(request).get(), base_memory_request(request), target, offset);
}

Expected<Allocation> CoreStrategy::create_part(const PartRequest& request) {
  return allocator_.create_part(request.part, base_memory_request(request));
}

void CoreStrategy::destroy(const Allocation& allocation, std::uint16_t /*lane*/) {
  if (!allocation.image && (bound_.any() || adaptive_.any())) forget(allocation);
  if (reuse_)
    reuse_->release(allocation);
  else
    allocator_.destroy(allocation);
}

// Only what nobody else accounts for.
void CoreStrategy::destroy_later(const Allocation& allocation) {
  if (reuse_ || bound_.any() || adaptive_.any())
    destroy(allocation, 0);
  else
    allocator_.destroy_later(allocation);
}

void CoreStrategy::begin_frame(std::uint64_t n) {
  allocator_.begin_frame(n);
  if (reuse_) reuse_->begin_frame(n);
  begin_upkeep_frame(n);
  bound_.begin_frame(n);  // last: the frame is shown what has moved
}

VkResult CoreStrategy::flush(const Allocation& allocation, Offset offset, Bytes size) {
  return allocator_.flush(allocation, offset, size);
}

VkResult CoreStrategy::invalidate(const Allocation& allocation, Offset offset, Bytes size) {
  return allocator_.invalidate(allocation, offset, size);
}

VkResult CoreStrategy::mark(const Allocation& allocation) {
  if (!defragment_) return VK_ERROR_FEATURE_NOT_PRESENT;
  allocator_.mark(allocation);
  return VK_SUCCESS;
}

// Buffers kept for reuse stay where they are: they go first.
VkResult CoreStrategy::defragment(const DefragmentRequest& request) {
  if (!defragment_) return VK_ERROR_FEATURE_NOT_PRESENT;
  if (reuse_) reuse_->trim();
  defragment_->request(request);
  return VK_SUCCESS;
}

std::vector<PoolStatistics> CoreStrategy::pools() const {
  std::vector<PoolStatistics> pools;
  for (const PoolSnapshot& pool : allocator_.statistics().pools)
    pools.push_back({pool.name, pool.memory_type, static_cast<std::uint32_t>(pool.now.block_count),
                     static_cast<std::uint32_t>(pool.now.allocation_count), pool.now.block_bytes,
                     pool.now.allocation_bytes});
  if (reuse_)
    for (const Allocation& held : reuse_->held()) {
      --pools[held.pool].allocation_count;
      pools[held.pool].allocation_bytes -= held.charged;
    }
  return pools;
}

std::vector<StrategyFigure> CoreStrategy::figures() const {
  std::vector<StrategyFigure> figures;
  if (reuse_) {
    const ReuseCounts counts = reuse_->counts();
    figures.push_back({Figure::reuse_hit_ratio, counts.hit_ratio()});
    figures.push_back({Figure::reuse_held_bytes_peak, static_cast<double>(counts.held_peak_bytes)});
  }
  if (const std::optional<BindlessCounts> counts = bound_.counts()) {
    figures.push_back({Figure::bindless_peak_count, static_cast<double>(counts->peak)});
    figures.push_back({Figure::bindless_refused_count, static_cast<double>(counts->refused)});
  }
  const MonitorReport monitor = allocator_.monitor();
  for (std::size_t kind = 0; kind < kBufferKindCount; ++kind) {
    const KindCounts& counts = monitor.kinds[kind];
    if (counts.created == 0) continue;
    figures.push_back({Figure::kind_created_count, static_cast<double>(counts.created), kBufferKinds[kind].name});
    figures.push_back({Figure::kind_live_peak_bytes, static_cast<double>(counts.peak_bytes), kBufferKinds[kind].name});
  }
  add_upkeep_figures(figures);
  return figures;
}

void CoreStrategy::start(const StrategyHost& host) {
  add_program_pools(host.pools);
  bound_.start(host.frames_in_flight);
  listener_ = host.listener;
  if (listener_ == nullptr) return;
  auto& listener = static_cast<StrategyListener&>(*this);
  defragment_.emplace(allocator_, device_, listener, options_.defragment);
  PressureSettings pressure = options_.pressure;
  pressure.frames_in_flight = host.frames_in_flight;
  pressure.evict_on_create = !host.concurrent;
  pressure_.emplace(allocator_, pressure, listener);
  if (options_.moves_tiers) tiers_.emplace(allocator_, options_.tiers);
}

// Relief comes last, so that the frame ends within its budgets.
void CoreStrategy::begin_upkeep_frame(std::uint64_t n) {
  if (listener_ == nullptr) return;
  defragment_->begin_frame(n);
  if (tiers_) {
    std::pmr::vector<Moved> moves(&memory_);
    if (tiers_->begin_frame(moves) != VK_SUCCESS) noticed({.kind = Notice::Kind::failed});
    for (const Moved& move : moves) moved(move.user, move.after);
  }
  adaptive_.shrink([this](std::uint64_t user, const Allocation& buffer, Bytes used) {
    bound_.resized(user, buffer, shown_bytes(buffer, used));
    listener_->moved(user, buffer);
  });
  if (pressure_->is_due()) defragment_->pause();
  pressure_->begin_frame();
}

void CoreStrategy::moved(std::uint64_t user, const Allocation& after) {
  adaptive_.moved(user, after);
  bound_.moved(user, after);
  listener_->moved(user, after);
}

void CoreStrategy::evicted(std::uint64_t user) {
  adaptive_.forget(user);
  static_cast<void>(bound_.unbind(user));
  listener_->evicted(user);
}

// Memory of its own never moves: another buffer takes its place.
Expected<Allocation> CoreStrategy::resize_own_memory(const Allocation& allocation, const BufferRequest& request) {
  const AllocationRecord record = allocator_.record(allocation);
  if (record.resource != allocation.resource || record.map_count > 0) return VK_ERROR_FEATURE_NOT_PRESENT;
  const auto create = [&]() -> Expected<Allocation> {
    const Expected<Allocation> made = allocator_.create_buffer(chained_info(request).get(), memory_request(request));
    if (!made || allocator_.contains(allocation)) return made;
    allocator_.destroy(*made);  // the old one was evicted to make room
    return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  };
  const Expected<Allocation> after = resizes_.resize(allocation, record.asked, request, create,
                                                     [&](const Allocation& gone) { allocator_.destroy(gone); });
  if (after && after->resource != allocation.resource)
    bound_.resized(record.user, *after, shown_bytes(*after, request.size));
  return after;
}

// Without a listener nothing may shrink by itself, so nothing is remembered.
Expected<Allocation> CoreStrategy::resize(const Allocation& allocation, const BufferRequest& request) {
  if (request.dedicated || request.export_handles != 0) return resize_own_memory(allocation, request);
  return adaptive_.resize(allocation, request.size, listener_ != nullptr,
                          [this](std::uint64_t user, const Allocation& buffer, Bytes used) {
                            bound_.resized(user, buffer, shown_bytes(buffer, used));
                          });
}

void CoreStrategy::forget(const Allocation& allocation) {
  const std::uint64_t user = allocator_.user_of(allocation);
  static_cast<void>(bound_.unbind(user));
  adaptive_.forget(user);
}

// An alias has no record of its own: no more of it is shown than is used.
Bytes CoreStrategy::shown_bytes(const Allocation& buffer, Bytes used) const {
  const AllocationRecord record = allocator_.record(buffer);
  if (record.resource != buffer.resource) return used;
  const Bytes most = device_.info->limits.maxStorageBufferRange;
  return std::max(used, std::min(record.asked, most));
}

VkResult CoreStrategy::bind(const Allocation& allocation, Bytes size) {
  allocator_.touch(allocation);
  return bound_.bind(allocator_.user_of(allocation), allocation, shown_bytes(allocation, size));
}

VkResult CoreStrategy::unbind(const Allocation& allocation) { return bound_.unbind(allocator_.user_of(allocation)); }

void CoreStrategy::add_upkeep_figures(std::vector<StrategyFigure>& figures) const {
  if (defragment_) add_figures(defragment_->totals(), figures);
  const auto add = [&](Figure figure, auto value) { figures.push_back({figure, static_cast<double>(value)}); };
  if (pressure_) {
    add(Figure::pressure_callback_count, pressure_->totals().callbacks);
    add(Figure::pressure_freed_bytes, pressure_->totals().freed_bytes);
  }
  if (tiers_) {
    add(Figure::tier_migrations_count, tiers_->totals().migrations);
    add(Figure::tier_bytes, tiers_->totals().bytes);
  }
  const ResizeTotals& resizes = adaptive_.totals();
  if (resizes.grown + resizes.shrunk == 0) return;
  add(Figure::adaptive_grow_count, resizes.grown);
  add(Figure::adaptive_shrink_count, resizes.shrunk);
  add(Figure::adaptive_copied_bytes, resizes.copied_bytes);
}

const StrategyFamily& core_family() {
  static const StrategyFamily family{"core", presets_of(kCorePresets, core_parameters()), core_parameters(), make_core,
                                     [](const Parameters& parameters) { check_options(core_options(parameters)); }};
  return family;
}

}  // namespace vkmembench
