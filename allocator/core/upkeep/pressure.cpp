#include "allocator/core/upkeep/pressure.h"

#include <algorithm>
#include <utility>

#include "allocator/core/upkeep/defragmenter.h"

namespace vkmembench {
namespace {

// Of health: told once a crossing. Usage: above the 80 % of a heap that VMA takes for the budget where no driver says
// one, below the 95 % of video memory that GPGMM lets programs budget. Fragmentation: of the 19 scenarios at scale 0.1
// (RTX 3090, core-default) 11 average more than 0.30, 8 more than 0.40, 3 more than 0.50.
constexpr double kUsageHigh = 0.90;
constexpr double kFragmentationHigh = 0.40;

// A defragmentation that did not help is not tried again for so many frames, unless something was evicted. long_soak at
// scale 0.1 with a budget of a tenth of what lives spends 520 ms in the driver with 1, 322 with 15, 258 with 60 and 216
// with 240.
constexpr std::uint64_t kFutileFrames = 60;

}  // namespace

Pressure::Pressure(Allocator& allocator, const PressureSettings& settings, StrategyListener& listener)
    : allocator_(allocator), parts_(allocator.parts()), settings_(settings), listener_(listener) {
  if (settings_.evict_on_create && settings_.evict != EvictPolicy::never)
    parts_.suballocator.set_evict([this](std::uint32_t heap, Bytes wanted) { return evict(heap, wanted); });
}

Pressure::~Pressure() { parts_.suballocator.set_evict({}); }

void Pressure::begin_frame() {
  notice_fragmentation();
  const MemoryBudget& budget = parts_.budget();
  for (std::uint32_t heap = 0; heap < parts_.device().info->memory.memoryHeapCount; ++heap) {
    notice_usage(heap, true);
    const Bytes target = target_of(heap);
    const Bytes before = budget.reserved(heap);
    if (before <= target) continue;
    relieve(heap, target);
    const Bytes after = budget.reserved(heap);
    if (after < before) totals_.freed_bytes += before - after;
    notice_usage(heap, false);
  }
}

bool Pressure::is_due() const {
  for (std::uint32_t heap = 0; heap < parts_.device().info->memory.memoryHeapCount; ++heap)
    if (excess(heap, target_of(heap)) > 0) return true;
  return false;
}

Bytes Pressure::target_of(std::uint32_t heap) const {
  const Bytes budget = parts_.budget().budget(heap);
  return settings_.evict == EvictPolicy::under_pressure
             ? static_cast<Bytes>(static_cast<double>(budget) * settings_.pressure_at)
             : budget;
}

void Pressure::notice_fragmentation() {
  const double fragmentation = external_fragmentation_of(parts_.residents);
  const bool before = std::exchange(fragmented_, fragmentation > kFragmentationHigh);
  if (fragmented_ && !before) listener_.noticed({.kind = Notice::Kind::fragmentation_high, .ratio = fragmentation});
}

void Pressure::notice_usage(std::uint32_t heap, bool announce) {
  const Bytes reserved = parts_.budget().reserved(heap);
  const Bytes budget = parts_.budget().budget(heap);
  const auto above = [&](double share) { return static_cast<double>(reserved) > static_cast<double>(budget) * share; };
  HeapState& state = heaps_[heap];
  const bool pressed_before = std::exchange(state.pressed, above(settings_.pressure_at));
  const bool high_before = std::exchange(state.high, above(kUsageHigh));
  if (!announce) return;
  if (state.pressed && !pressed_before) {
    ++totals_.callbacks;
    listener_.noticed({.kind = Notice::Kind::pressure, .heap = heap, .bytes = reserved, .limit = budget});
  }
  if (state.high && !high_before)
    listener_.noticed({.kind = Notice::Kind::usage_high, .heap = heap, .bytes = reserved, .limit = budget});
}

Bytes Pressure::excess(std::uint32_t heap, Bytes target) const {
  const Bytes reserved = parts_.budget().reserved(heap);
  return reserved > target ? reserved - target : 0;
}

void Pressure::relieve(std::uint32_t heap, Bytes target) {
  while (excess(heap, target) > 0 && parts_.suballocator.make_room(heap) > 0) continue;
  if (excess(heap, target) == 0) return;

  std::pmr::vector<EvictionBlock> blocks(&parts_.memory);
  Bytes evicted = 0;
  if (settings_.evict != EvictPolicy::never) {
    blocks = look(heap);
    const std::uint32_t stale = std::max(settings_.evict_idle_frames, settings_.frames_in_flight);
    evicted += evict(heap, take_least_recently_used(blocks, stale), target);
    if (const Bytes left = excess(heap, target); left > 0) {
      blocks = look(heap);
      evicted += evict(heap, take_whole_blocks(blocks, settings_.frames_in_flight, left), target);
    }
  }
  // Each round evicts twice as much as the one before, so that there are few.
  const std::uint64_t frame = parts_.residents.frame();
  for (Bytes factor = 1; excess(heap, target) > 0; factor *= 2) {
    if (evicted > 0 || frame >= heaps_[heap].compact_from) {
      compact(heap, target);
      if (excess(heap, target) == 0) return;
      heaps_[heap].compact_from = frame + kFutileFrames;
    }
    if (settings_.evict == EvictPolicy::never) return;
    blocks = look(heap);
    const Bytes wanted = excess(heap, target) * factor;
    evicted = evict(heap, take_densest(blocks, settings_.frames_in_flight, wanted), target);
    if (evicted == 0) return;
  }
}

std::pmr::vector<EvictionBlock> Pressure::look(std::uint32_t heap) const {
  const std::uint32_t frame = parts_.residents.short_frame();
  std::pmr::vector<EvictionBlock> blocks(&parts_.memory);
  for (const Pool* pool : parts_.pools().all()) {
    if (parts_.source.heap_of(pool->shape().memory_type) != heap) continue;
    pool->walk([&](const Block& block) {
      EvictionBlock seen{block.capacity, 0, std::pmr::vector<Evictable>(&parts_.memory)};
      for (Range* range = block.first; range != nullptr; range = range->after) {
        if (range->state != RangeState::used) continue;
        const AllocationRecord& record = record_of(*range);
        const bool may_go = record.evictable && record.resource != 0 && record.map_count == 0 &&
                            motion_of(*range).move == RangeMove::none &&
                            !(record.pinned && parts_.residents.aliases().has_aliases(range));
        if (may_go)
          seen.evictable.push_back({range, range->size, frame - record.used_frame});
        else
          seen.stays += range->size;
      }
      if (!seen.evictable.empty()) blocks.push_back(std::move(seen));
    });
  }
  return blocks;
}

// Stops at the target.
Bytes Pressure::evict(std::uint32_t heap, const std::pmr::vector<Evictable>& chosen, Bytes target) {
  Bytes bytes = 0;
  for (const Evictable& evictable : chosen) {
    if (excess(heap, target) == 0) break;
    const bool empties = block_of(*evictable.range).used_count == 1;
    const std::uint64_t user = record_of(*evictable.range).user;
    parts_.residents.destroy(Residents::allocation_of(evictable.range));
    if (empties) parts_.suballocator.trim(heap);
    bytes += evictable.bytes;
    ++totals_.evicted;
    totals_.evicted_bytes += evictable.bytes;
    listener_.evicted(user);
  }
  return bytes;
}

Bytes Pressure::evict(std::uint32_t heap, Bytes wanted) {
  const Bytes before = parts_.budget().reserved(heap);
  std::pmr::vector<EvictionBlock> blocks = look(heap);
  std::pmr::vector<Evictable> chosen = take_whole_blocks(blocks, settings_.frames_in_flight, wanted);
  if (chosen.empty()) {
    Bytes found = 0;
    chosen = take_least_recently_used(blocks, settings_.frames_in_flight);
    std::size_t count = 0;
    while (count < chosen.size() && found < wanted) found += chosen[count++].bytes;
    chosen.resize(count);
  }
  const Bytes bytes = evict(heap, chosen, 0);
  const Bytes after = parts_.budget().reserved(heap);
  if (after < before) totals_.freed_bytes += before - after;
  return bytes;
}

// Moves what is left into as few blocks as it needs, until the target is reached.
void Pressure::compact(std::uint32_t heap, Bytes target) {
  Defragmenter defragmenter(allocator_);
  defragmenter.start({.algorithm = DefragmentAlgorithm::full}, 1u << heap);
  std::pmr::vector<Moved> moved(&parts_.memory);
  while (!defragmenter.finished() && excess(heap, target) > 0) {
    if (defragmenter.begin_pass() != VK_SUCCESS) listener_.noticed({.kind = Notice::Kind::failed, .heap = heap});
    moved.clear();
    const auto tell = [&] {
      for (const Moved& move : moved) listener_.moved(move.user, move.after);
    };
    VkResult ended = VK_SUCCESS;
    try {
      ended = defragmenter.end_pass(kNoTimeout, moved);
    } catch (...) {
      tell();  // what moved lives elsewhere all the same
      throw;
    }
    tell();
    if (ended != VK_SUCCESS) {
      listener_.noticed({.kind = Notice::Kind::failed, .heap = heap});
      break;
    }
  }
  totals_.compacted += defragmenter.totals();
}

}  // namespace vkmembench
