#include "allocator/core/upkeep/buffer_reuse.h"

#include <algorithm>
#include <bit>
#include <new>

namespace vkmembench {
namespace {

constexpr Bytes kLargestKept = 16 * kMiB;  // the largest row
constexpr std::uint32_t kKeptOthers = 2;   // of each power of two that has no row

bool is_kept(MemoryUse use) { return use != MemoryUse::transient && use != MemoryUse::custom; }

bool is_eligible(const VkBufferCreateInfo& info, const MemoryRequest& request) {
  return info.flags == 0 && info.pNext == nullptr && info.sharingMode == VK_SHARING_MODE_EXCLUSIVE &&
         info.size <= kLargestKept && is_kept(request.memory.use) && !request.needs_own_memory() &&
         request.pool == PoolId::none;
}

}  // namespace

Bytes reuse_size(BufferKind kind, Bytes size) {
  Bytes best = size;
  for (const ReuseRow& row : kReuseRows)
    if (row.kind == kind && row.size >= size && row.size <= 2 * size && (best == size || row.size < best))
      best = row.size;
  return best;
}

BufferReuse::BufferReuse(Allocator& allocator, ReuseSettings settings)
    : allocator_(allocator), settings_(settings), kept_(&allocator.memory()), leaving_(&allocator.memory()) {
  if (settings_.prewarm) prewarm();
  allocator_.set_reclaim([this](std::uint32_t heap) { return trim_heap(heap); });
}

BufferReuse::~BufferReuse() {
  allocator_.set_reclaim({});
  for (const auto& [key, sizes] : kept_)
    for (const auto& [size, held] : sizes) allocator_.destroy(held.allocation);
  for (const Held& held : leaving_) allocator_.destroy(held.allocation);
}

void BufferReuse::prewarm() {
  for (const ReuseRow& row : kReuseRows)
    for (std::uint32_t i = 0; i < row.prewarmed; ++i) {
      const BufferPlan plan = plan_buffer(row.kind, row.size, *allocator_.device().info);
      const Expected<Allocation> buffer =
          allocator_.create_buffer(plan.info, {.memory = plan.memory, .kind = row.kind});
      if (!buffer) break;  // what cannot be made ahead may still be made, or refused, when asked for
      take_back(*buffer, 0);
    }
}

std::optional<Allocation> BufferReuse::take(const VkBufferCreateInfo& info, const MemoryRequest& request) {
  const std::lock_guard lock(mutex_);
  ++counts_.asks;
  const auto found = kept_.find({info.usage, request.memory.use, request.evictable});
  if (found == kept_.end()) return std::nullopt;
  Sizes& sizes = found->second;
  const auto end = sizes.upper_bound(2 * info.size);
  for (auto it = sizes.lower_bound(info.size); it != end; ++it) {
    const Allocation allocation = it->second.allocation;
    if (frame_ < it->second.due) continue;
    if (!is_aligned(allocation.offset, std::max<Bytes>(request.alignment, 1))) continue;
    sizes.erase(it);
    counts_.held_bytes -= allocation.charged;
    ++counts_.hits;
    return allocation;
  }
  return std::nullopt;
}

Expected<Allocation> BufferReuse::acquire(const VkBufferCreateInfo& info, const MemoryRequest& request) {
  if (!is_eligible(info, request)) return allocator_.create_buffer(info, request);
  if (const std::optional<Allocation> kept = take(info, request)) {
    allocator_.renew(*kept, request);
    return *kept;
  }
  VkBufferCreateInfo rounded = info;
  rounded.size = reuse_size(request.kind, info.size);
  Expected<Allocation> made = allocator_.create_buffer(rounded, request);
  if (!made && rounded.size != info.size) made = allocator_.create_buffer(info, request);
  return made;
}

bool BufferReuse::has_room(const Sizes& sizes, const HeldBuffer& buffer, Bytes charged) const {
  if (buffer.size > kLargestKept || counts_.held_bytes + charged > settings_.max_held_bytes) return false;
  const Bytes low = std::bit_floor(buffer.size);
  std::uint32_t most = kKeptOthers;
  for (const ReuseRow& row : kReuseRows)
    if (row.kind == buffer.kind && row.size == low) most = row.kept;
  const auto there = std::distance(sizes.lower_bound(low), sizes.lower_bound(2 * low));
  return static_cast<std::uint32_t>(there) < most;
}

// False when it is not to be kept, or there is no memory for the note.
bool BufferReuse::keep(const HeldBuffer& buffer, const Held& held) try {
  if (!is_kept(buffer.memory)) return false;
  Sizes& sizes = kept_[{buffer.usage, buffer.memory, buffer.evictable}];
  if (!has_room(sizes, buffer, held.allocation.charged)) return false;
  sizes.emplace(buffer.size, held);
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

void BufferReuse::release(const Allocation& allocation) { take_back(allocation, settings_.frames_in_flight); }

void BufferReuse::take_back(const Allocation& allocation, std::uint32_t frames_in_flight) {
  {
    const std::lock_guard lock(mutex_);
    const Held held{allocation, frame_, frame_ + frames_in_flight};
    if (frames_in_flight > 0) leaving_.push_back(held);
    const std::optional<HeldBuffer> buffer = allocator_.hold(allocation);
    const bool kept = buffer && keep(*buffer, held);
    if (kept || frames_in_flight > 0) {
      if (kept && frames_in_flight > 0) leaving_.pop_back();
      counts_.held_bytes += allocation.charged;
      counts_.held_peak_bytes = std::max(counts_.held_peak_bytes, counts_.held_bytes);
      return;
    }
  }
  allocator_.destroy(allocation);
}

// Destroys what is held, not in use by a frame in flight, and chosen by the predicate (held, whether it is kept).
template <typename Predicate>
Bytes BufferReuse::drop(const Predicate& goes) {
  std::pmr::vector<Allocation> dropped(&allocator_.memory());
  Bytes bytes = 0;
  {
    const std::lock_guard lock(mutex_);
    std::size_t most = leaving_.size();
    for (const auto& [key, sizes] : kept_) most += sizes.size();
    dropped.reserve(most);
    const auto is_due = [&](const Held& held, bool kept) {
      if (frame_ < held.due || !goes(held, kept)) return false;
      dropped.push_back(held.allocation);
      bytes += held.allocation.charged;
      return true;
    };
    for (auto& [key, sizes] : kept_)
      for (auto it = sizes.begin(); it != sizes.end();) it = is_due(it->second, true) ? sizes.erase(it) : std::next(it);
    leaving_.erase(
        std::remove_if(leaving_.begin(), leaving_.end(), [&](const Held& held) { return is_due(held, false); }),
        leaving_.end());
    counts_.held_bytes -= bytes;
  }
  for (const Allocation& allocation : dropped) allocator_.destroy(allocation);
  return bytes;
}

void BufferReuse::begin_frame(std::uint64_t n) {
  bool trims = false;
  {
    const std::lock_guard lock(mutex_);
    frame_ = n;
    trims = n - trimmed_frame_ >= settings_.trim_period;
    if (trims) trimmed_frame_ = n;
    if (!trims && leaving_.empty()) return;
  }
  drop([&](const Held& held, bool kept) { return !kept || (trims && n - held.released > settings_.max_idle_frames); });
}

Bytes BufferReuse::trim() {
  return drop([](const Held&, bool) { return true; });
}

Bytes BufferReuse::trim_heap(std::uint32_t heap) {
  const VkPhysicalDeviceMemoryProperties& memory = allocator_.device().info->memory;
  return drop(
      [&](const Held& held, bool) { return memory.memoryTypes[held.allocation.memory_type].heapIndex == heap; });
}

ReuseCounts BufferReuse::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::vector<Allocation> BufferReuse::held() const {
  const std::lock_guard lock(mutex_);
  std::vector<Allocation> all;
  for (const auto& [key, sizes] : kept_)
    for (const auto& [size, held] : sizes) all.push_back(held.allocation);
  for (const Held& held : leaving_) all.push_back(held.allocation);
  return all;
}

}  // namespace vkmembench
