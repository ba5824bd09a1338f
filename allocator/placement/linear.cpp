#include "allocator/placement/linear.h"

#include <algorithm>

#include "allocator/base/check.h"

namespace vkmembench {

namespace {

constexpr std::size_t kMostSplits = 2;  // a claim leaves padding before it and a rest behind

}  // namespace

Linear::Linear(LinearOrder order, std::pmr::memory_resource& memory)
    : store_(memory), ring_(order == LinearOrder::ring), active_(&memory) {}

void Linear::add(Region& region) { store_.open(region); }

void Linear::remove(Region& region) { store_.close(region); }

std::size_t Linear::turn_of(const Region& region) const {
  const auto found = std::find_if(active_.begin(), active_.end(),
                                  [&region](const Active& active) { return active.region == &region; });
  VKMEMBENCH_CHECK(found != active_.end(), "a used range is in a region with used ranges");
  return static_cast<std::size_t>(found - active_.begin());
}

// Cuts a range in two; the upper one, in the same state.
Range* Linear::split(std::size_t turn, Range* low, Offset at) {
  Range* high = store_.take();
  high->offset = at;
  high->size = low->end() - at;
  high->region = low->region;
  high->serial = low->serial;
  high->state = low->state;
  high->before = low;
  high->after = low->after;
  if (low->after != nullptr) low->after->before = high;
  if (active_[turn].last == low) active_[turn].last = high;
  low->after = high;
  low->size = at - low->offset;
  return high;
}

// Takes the range after `low` into it.
Range* Linear::merge(std::size_t turn, Range* low) {
  Range* high = low->after;
  low->size += high->size;
  low->after = high->after;
  if (high->after != nullptr) high->after->before = low;
  if (active_[turn].last == high) active_[turn].last = low;
  if (at_ == high) at_ = low;
  store_.give(high);
  return low;
}

Range* Linear::claim(std::size_t turn, Range* gap, Offset start, Bytes size) {
  Range* range = start > gap->offset ? split(turn, gap, start) : gap;
  if (size < range->size) split(turn, range, start + size);
  range->state = RangeState::used;
  range->region->used += size;
  ++range->region->used_count;
  turn_ = turn;
  at_ = range;
  cursor_ = range->end();
  return range;
}

Range* Linear::place_on_ring(Bytes size, Bytes alignment) {
  if (active_.empty()) return nullptr;
  const auto try_at = [&](std::size_t turn, Range* gap, Offset from) -> Range* {
    if (gap->state != RangeState::free) return nullptr;
    const Offset start = align_up(from, alignment);
    return start + size <= gap->end() ? claim(turn, gap, start, size) : nullptr;
  };
  const auto has_room = [&](std::size_t turn) {
    return active_[turn].region->capacity - active_[turn].region->used >= size;
  };
  if (has_room(turn_))
    for (Range* gap = at_; gap != nullptr; gap = gap->after)
      if (Range* range = try_at(turn_, gap, std::max(gap->offset, cursor_))) return range;
  for (std::size_t step = 1; step < active_.size(); ++step) {
    const std::size_t turn = (turn_ + step) % active_.size();
    if (!has_room(turn)) continue;
    for (Range* gap = active_[turn].region->first; gap != nullptr; gap = gap->after)
      if (Range* range = try_at(turn, gap, gap->offset)) return range;
  }
  if (has_room(turn_))
    for (Range* gap = active_[turn_].region->first; gap != nullptr && gap->offset < cursor_; gap = gap->after)
      if (Range* range = try_at(turn_, gap, gap->offset)) return range;
  return nullptr;
}

Range* Linear::place_on_stack(Bytes size, Bytes alignment) {
  if (active_.empty()) return nullptr;
  Range* top = active_.back().last;
  if (top->state != RangeState::free) return nullptr;
  const Offset start = align_up(top->offset, alignment);
  return start + size <= top->end() ? claim(active_.size() - 1, top, start, size) : nullptr;
}

Range* Linear::place(Bytes size, Bytes alignment, bool /*thorough*/) {
  store_.prepare(kMostSplits);
  return ring_ ? place_on_ring(size, alignment) : place_on_stack(size, alignment);
}

Range* Linear::place_in_idle(Region& region, Bytes size) {
  VKMEMBENCH_CHECK(region.used_count == 0 && region.first != nullptr && size <= region.capacity,
                   "an idle region with room is needed");
  store_.prepare(kMostSplits);
  const std::size_t turn = ring_ && !active_.empty() ? turn_ + 1 : active_.size();
  active_.insert(active_.begin() + static_cast<std::ptrdiff_t>(turn), {&region, region.first});
  return claim(turn, region.first, 0, size);
}

bool Linear::release(Range* range) {
  VKMEMBENCH_CHECK(range->state == RangeState::used, "a range is released once");
  Region& region = *range->region;
  const std::size_t turn = turn_of(region);
  region.used -= range->size;
  --region.used_count;
  range->state = RangeState::free;
  if (range->after != nullptr && range->after->state == RangeState::free) merge(turn, range);
  if (range->before != nullptr && range->before->state == RangeState::free) merge(turn, range->before);
  if (region.used_count > 0) return false;
  retire(turn);
  return true;
}

// Leaves out a region that became idle; a ring that stood there goes on at the start of the next.
void Linear::retire(std::size_t turn) {
  active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(turn));
  if (turn < turn_) {
    --turn_;
  } else if (turn == turn_) {
    if (turn_ >= active_.size()) turn_ = 0;
    at_ = active_.empty() ? nullptr : active_[turn_].region->first;
    cursor_ = 0;
  }
}

}  // namespace vkmembench
