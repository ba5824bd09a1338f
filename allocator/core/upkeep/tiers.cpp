#include "allocator/core/upkeep/tiers.h"

#include <algorithm>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

// dynamic_buffers moves 135 buffers on an RTX 3090. Half or twice the hot rate: 132 and 129. Half or twice the warm
// one: 123 and 170, the latter with 6 % more time in the driver. Half or twice the frames: 137, with 2 % more, and 135.
constexpr double kHotRate = 0.10;
constexpr double kWarmRate = 0.01;
constexpr std::uint32_t kColdFrames = 1000;
constexpr double kReluctance = 2;  // what a rate is multiplied by before a buffer falls; with 1 it is 170, with 4 123

}  // namespace

Tier classify(const AccessRate& rate) {
  if (rate.uses_per_frame > kHotRate) return Tier::hot;
  return rate.uses_per_frame > kWarmRate && rate.idle_frames < kColdFrames ? Tier::warm : Tier::cold;
}

Tier next_tier(Tier present, const AccessRate& rate) {
  const Tier now = classify(rate);
  if (now <= present) return now;
  return std::max(present, classify({rate.uses_per_frame * kReluctance, rate.idle_frames}));
}

MemoryUse memory_of(Tier tier) {
  switch (tier) {
    case Tier::hot:
      return MemoryUse::dynamic;
    case Tier::warm:
      return MemoryUse::device;
    case Tier::cold:
      return MemoryUse::host;
  }
  return MemoryUse::device;
}

Tier tier_of(MemoryUse memory) {
  VKMEMBENCH_CHECK(memory == MemoryUse::dynamic || memory == MemoryUse::device || memory == MemoryUse::host,
                   "a tier is one of three uses of memory");
  return memory == MemoryUse::dynamic ? Tier::hot : memory == MemoryUse::device ? Tier::warm : Tier::cold;
}

VkResult Tiers::begin_frame(std::pmr::vector<Moved>& moved) {
  const std::uint32_t frame = parts_.residents.short_frame();
  if (frame - scanned_ >= settings_.scan_frames) {
    scanned_ = frame;
    scan(frame);
  }
  start_some();
  if (mover_.pending() == 0) return VK_SUCCESS;
  const std::size_t before = moved.size();
  VkResult result = mover_.submit();
  if (result == VK_SUCCESS) result = mover_.wait(kNoTimeout, moved);
  if (result != VK_SUCCESS) {
    ++totals_.failed;
    return result;
  }
  for (std::size_t i = before; i < moved.size(); ++i) totals_.bytes += moved[i].after.charged;
  totals_.migrations += moved.size() - before;
  return VK_SUCCESS;
}

bool Tiers::may_move(const Range& range) const {
  const AllocationRecord& record = record_of(range);
  if (record.image || record.held || (record.memory != MemoryUse::device && !record.tiered)) return false;
  const Block& block = block_of(range);
  return !block.dedicated && block.access != RegionAccess::closed && !block.pool->shape().named() &&
         can_move(range, parts_.images);
}

void Tiers::scan(std::uint32_t frame) {
  waiting_.clear();
  for (const Pool* pool : parts_.pools().all())
    pool->walk([&](const Block& block) {
      for (Range* range = block.first; range != nullptr; range = range->after) {
        if (range->state != RangeState::used || !may_move(*range)) continue;
        const AllocationRecord& record = record_of(*range);
        const std::uint32_t age = frame - record.born_frame;
        if (age < settings_.scan_frames) continue;
        const AccessRate rate{static_cast<double>(record.uses) / static_cast<double>(age), frame - record.used_frame};
        const Tier present = tier_of(record.memory);
        const Tier next = next_tier(present, rate);
        if (next != present) waiting_.push_back({range, record.resource, present, next, rate.uses_per_frame});
      }
    });
  std::stable_sort(waiting_.begin(), waiting_.end(), [](const Candidate& a, const Candidate& b) {
    const bool a_rises = a.to < a.from;
    const bool b_rises = b.to < b.from;
    if (a_rises != b_rises) return a_rises;  // the last is the next: what falls makes room
    return a_rises ? a.rate < b.rate : a.rate > b.rate;
  });
}

// Whether the tier means another memory type for the buffer, with room for it as far as the budget says.
bool Tiers::has_room(const Range& range, Tier to) {
  const AllocationRecord& record = record_of(range);
  const std::uint32_t type_bits =
      parts_.requirements.of_buffer(buffer_of(record.resource), buffer_info(record)).type_bits;
  const int type = parts_.suballocator.order_of(memory_of(to)).pick(type_bits);
  if (type < 0 || type == block_of(range).pool->shape().memory_type) return false;
  const std::uint32_t heap = parts_.source.heap_of(static_cast<std::uint32_t>(type));
  return parts_.budget().reserved(heap) + range.size <= parts_.budget().budget(heap);
}

void Tiers::start_some() {
  Bytes bytes = 0;
  while (!waiting_.empty() && mover_.pending() < settings_.moves_per_frame) {
    const Candidate next = waiting_.back();
    Range& range = *next.range;
    if (mover_.pending() > 0 && bytes + range.size > settings_.bytes_per_frame) return;
    waiting_.pop_back();
    if (range.state != RangeState::used || record_of(range).resource != next.resource || !may_move(range)) continue;
    if (!has_room(range, next.to)) continue;
    record_of(range).tiered = true;
    if (mover_.add(Residents::allocation_of(&range), {memory_of(next.to), 0}) == VK_SUCCESS)
      bytes += range.size;
    else
      ++totals_.failed;
  }
}

}  // namespace vkmembench
