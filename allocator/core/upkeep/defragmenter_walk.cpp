// The parts of Defragmenter that walk over a block, a bounded number of ranges a pass.
#include <algorithm>

#include "allocator/core/upkeep/defragmenter.h"

namespace vkmembench {
namespace {

constexpr Bytes kBlockStep = 64 * kKiB;  // replacements are multiples of it

}  // namespace

bool Defragmenter::is_selected(const Range& range) const {
  const AllocationRecord& record = record_of(range);
  if (request_.select == DefragmentSelect::all) return true;
  if (request_.select == DefragmentSelect::marked) return record.marked;
  const std::uint32_t frame = parts_.residents.short_frame();
  return frame - record.used_frame > request_.idle_frames || record.uses > request_.min_uses ||
         record.requested > request_.min_size;
}

// A victim's largest go first, where gaps are tight; in a replacement the largest alignments, which leaves no padding
// where sizes are multiples of their alignment.
bool Defragmenter::later(const Candidate& a, const Candidate& b) const {
  if (stage_ == Stage::replacing && a.alignment != b.alignment) return a.alignment < b.alignment;
  return a.size < b.size;
}

void Defragmenter::start_walk(Block& block, RegionAccess access) {
  block.pool->begin_access(block, access);
  walk_ = {};
  walk_.block = &block;
  walk_.pool = block.pool;
  walk_.access = access;
}

// Its turn: no later victim goes into this block, so its gaps would only be in the way of theirs; and nothing new may
// come into one that is to be emptied.
void Defragmenter::consider(Block& block) {
  rank_ = block.rank;
  const bool whole = request_.select == DefragmentSelect::all || stage_ == Stage::replacing;
  if (stage_ == Stage::replacing ? block.used > block.capacity / 4 * 3 : whole && !fits_elsewhere(block)) return;
  start_walk(block, whole ? RegionAccess::closed : RegionAccess::reserve);
  walk_.gathers = true;
}

// False when the walk is to stop before the range.
bool Defragmenter::visit(Range& range) {
  if (walk_.unmarks) record_of(range).marked = false;
  if (!walk_.gathers || range.state != RangeState::used) return true;
  if (record_of(range).resource == 0 && mover_.pending() > 0) return false;  // on its way: known after this pass
  if (!is_selected(range) || !can_move(range, parts_.images)) {
    walk_.all_move = false;
    return walk_.access != RegionAccess::closed;
  }
  const Candidate next{&range, record_of(range).resource, range.size, Bytes{1} << range.alignment_log2};
  walk_.packed += align_up(next.size, next.alignment);
  walk_.candidates.push_back(next);
  std::push_heap(walk_.candidates.begin(), walk_.candidates.end(),
                 [this](const Candidate& a, const Candidate& b) { return later(a, b); });
  return true;
}

void Defragmenter::walk_on() {
  bool done = false;
  const std::size_t most = kStepsPerPass - std::min(pass_steps_, kStepsPerPass) + 1;
  const std::size_t steps = walk_.pool->continue_access(
      walk_.block, most, [this](Range& range) { return visit(range); }, done);
  pass_steps_ += steps + 1;
  if (walk_.gathers && walk_.access == RegionAccess::closed && !walk_.all_move) {  // it stays
    start_walk(*walk_.block, RegionAccess::reserve);
    return;
  }
  if (!done) {
    pass_over_ = true;
    return;
  }
  if (walk_.gathers)
    finish_gathering();
  else
    walk_ = {};
}

void Defragmenter::finish_gathering() {
  Block& block = *walk_.block;
  const bool whole = walk_.access == RegionAccess::closed;
  Block* replacement = nullptr;
  if (stage_ == Stage::replacing) {
    const Bytes packed = align_up(walk_.packed, kBlockStep);
    if (!walk_.candidates.empty() && is_worth_replacing(block, packed)) {
      const Expected<Block*> made = walk_.pool->make_closed(packed);
      if (made) replacement = *made;
    }
    if (replacement == nullptr) walk_.candidates.clear();
  }
  if (walk_.candidates.empty()) {
    walk_ = {};
    if (whole) open(block);
    return;
  }
  victim_ = {&block, walk_.pool, rank_, whole, replacement, nullptr, std::move(walk_.candidates), {}};
  walk_ = {};
}

bool Defragmenter::is_worth_replacing(const Block& block, Bytes packed) const {
  const MemoryBudget& budget = parts_.budget();
  const std::uint32_t heap = parts_.source.heap_of(block.pool->shape().memory_type);
  return packed <= block.capacity - block.capacity / 8 && budget.total_reserved() + packed <= budget.total_peak() &&
         budget.reserved(heap) + packed <= budget.budget(heap);
}

// Opens the block; at the end the marks go too.
void Defragmenter::tidy(Block& block) {
  rank_ = block.rank;
  const bool unmarks = stage_ == Stage::tidying && request_.select == DefragmentSelect::marked;
  if (block.access != RegionAccess::reserve && !unmarks) return;
  start_walk(block, RegionAccess::open);
  walk_.unmarks = unmarks;
}

}  // namespace vkmembench
