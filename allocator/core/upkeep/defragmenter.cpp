#include "allocator/core/upkeep/defragmenter.h"

#include <algorithm>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

constexpr std::size_t kFailedMove = 64;  // steps that a failed move stands for

}  // namespace

Defragmenter::Defragmenter(Allocator& allocator)
    : parts_(allocator.parts()),
      mover_(allocator),
      turns_(parts_),
      walk_{.candidates = std::pmr::vector<Candidate>(&parts_.memory)},
      victim_{.left = std::pmr::vector<Candidate>(&parts_.memory)},
      closed_(&parts_.memory),
      to_open_(&parts_.memory),
      left_(&parts_.memory) {}

Defragmenter::~Defragmenter() { abandon(); }

// Every block is open again. Needs no memory.
void Defragmenter::abandon() {
  victim_ = {};
  walk_ = {};
  closed_.clear();
  to_open_.clear();
  turns_.for_each_pool([](Pool& pool) { pool.open_all(); });
}

void Defragmenter::start(const DefragmentRequest& request, std::uint32_t heaps) {
  VKMEMBENCH_CHECK(!in_pass_, "a defragmentation is replaced between its passes");
  abandon();
  request_ = request;
  turns_.begin(heaps, request_.algorithm != DefragmentAlgorithm::fast && parts_.options.borrow);
  stage_ = Stage::moving;
  first_pass_ = true;
  sweep_moves_ = 0;
}

void Defragmenter::stop() {
  VKMEMBENCH_CHECK(!in_pass_, "a defragmentation is stopped between its passes");
  abandon();
  stage_ = Stage::done;
}

void Defragmenter::give_back_idle(Pool& pool) {
  const std::uint64_t blocks = pool.counts().block_count;
  totals_.bytes_freed += pool.trim(0);
  totals_.blocks_freed += blocks - pool.counts().block_count;
}

VkResult Defragmenter::begin_pass() {
  if (in_pass_) return VK_NOT_READY;
  if (stage_ == Stage::done) return VK_SUCCESS;
  parts_.residents.collect();
  if (first_pass_) {
    totals_.frag_before = external_fragmentation_of(parts_.residents);
    turns_.for_each_pool([this](Pool& pool) { give_back_idle(pool); });
    first_pass_ = false;
  }
  in_pass_ = true;
  pass_over_ = false;
  pass_bytes_ = 0;
  pass_moves_ = 0;
  pass_steps_ = 0;
  ++totals_.passes;
  while (stage_ != Stage::done && !pass_over_) {
    step();
    pass_over_ |= pass_steps_ >= kStepsPerPass;
  }
  const std::size_t planned = mover_.pending();
  const VkResult result = mover_.submit();
  totals_.ignored += planned - mover_.pending();
  return result;
}

VkResult Defragmenter::end_pass(std::uint64_t timeout_ns, std::pmr::vector<Moved>& moved) {
  if (!in_pass_) return VK_SUCCESS;
  const std::size_t before = moved.size();
  to_open_.reserve(to_open_.size() + closed_.size());  // before anything moves
  const VkResult waited = mover_.wait(timeout_ns, moved);
  if (waited == VK_TIMEOUT) return waited;
  in_pass_ = false;
  for (std::size_t i = before; i < moved.size(); ++i) totals_.bytes_moved += moved[i].after.charged;
  totals_.moves += moved.size() - before;
  sweep_moves_ += moved.size() - before;
  totals_.ignored += mover_.dropped() - dropped_;
  dropped_ = mover_.dropped();
  to_open_.insert(to_open_.end(), closed_.begin(), closed_.end());
  closed_.clear();
  std::erase_if(to_open_, [this](Block* block) {
    if (block->used_count > 0) return false;
    open(*block);
    return true;
  });
  for (Pool* pool : left_) give_back_idle(*pool);
  left_.clear();
  totals_.frag_after = external_fragmentation_of(parts_.residents);
  return waited;
}

// Whatever was closed is usable again, a victim after the others, or given back when nothing is left in it.
void Defragmenter::open(Block& block) {
  if (block.used_count > 0) {
    start_walk(block, block.rank == ~0u ? RegionAccess::open : RegionAccess::reserve);
    return;
  }
  totals_.bytes_freed += block.pool->retire(block);
  ++totals_.blocks_freed;
}

void Defragmenter::step() {
  if (walk_.block != nullptr) {
    walk_on();
    return;
  }
  if (!to_open_.empty()) {
    Block* block = to_open_.back();
    to_open_.pop_back();
    open(*block);
    return;
  }
  if (victim_.block != nullptr) {
    move_next();
    return;
  }
  Block* block = turns_.next(pass_steps_);
  if (block == nullptr) {
    end_sweep();
    return;
  }
  if (stage_ == Stage::moving || stage_ == Stage::replacing)
    consider(*block);
  else
    tidy(*block);
}

void Defragmenter::restart_sweep() {
  turns_.restart_sweep();
  sweep_moves_ = 0;
}

void Defragmenter::end_sweep() {
  if (mover_.pending() > 0 || !closed_.empty()) {  // whether it moved anything shows when the pass ends
    pass_over_ = true;
    return;
  }
  const bool repeats = request_.select != DefragmentSelect::all || request_.algorithm >= DefragmentAlgorithm::full;
  switch (stage_) {
    case Stage::moving:
      if (repeats && sweep_moves_ > 0)
        stage_ = Stage::reopening;
      else
        stage_ = request_.algorithm == DefragmentAlgorithm::extensive ? Stage::replacing : Stage::tidying;
      break;
    case Stage::reopening:
      stage_ = Stage::moving;
      break;
    case Stage::replacing:
      stage_ = Stage::tidying;
      break;
    case Stage::tidying:
    case Stage::done:
      stage_ = Stage::done;
      break;
  }
  restart_sweep();
}

Range* Defragmenter::claim(const Candidate& candidate) {
  AllocationRecord record = record_of(*candidate.range);
  record.resource = 0;
  const PoolNeed need{candidate.size, candidate.alignment, 0};
  Pool* own = victim_.pool;
  if (victim_.replacement != nullptr) {
    Range* range = own->claim_next(*victim_.replacement, victim_.last, need, record);
    if (range != nullptr) victim_.last = range;
    return range;
  }
  const BlockTurns::Group& group = turns_.group();
  const auto claim_in = [&](std::size_t nth) -> Range* {
    Tlsf::Seen& seen = victim_.seen[nth];
    Range* range = nullptr;
    do {
      range = group[nth]->claim_below(victim_.rank, need, record, seen, pass_steps_);
    } while (range == nullptr && !seen.all() && pass_steps_ < kStepsPerPass);
    undecided_ = range == nullptr && !seen.all();
    return range;
  };
  const auto own_nth = static_cast<std::size_t>(std::find(group.begin(), group.end(), own) - group.begin());
  Range* range = claim_in(own_nth);
  for (std::size_t nth = 0; nth < group.size() && range == nullptr && !undecided_; ++nth)
    if (nth != own_nth) range = claim_in(nth);
  return range;
}

void Defragmenter::move_next() {
  std::pmr::vector<Candidate>& left = victim_.left;
  if (left.empty()) {
    finish_victim();
    return;
  }
  const Candidate next = left.front();
  if (pass_moves_ > 0 && request_.max_bytes_per_pass != 0 && pass_bytes_ + next.size > request_.max_bytes_per_pass) {
    pass_over_ = true;
    return;
  }
  ++pass_steps_;
  Range& range = *next.range;
  // Not destroyed since: a driver gives the handle of what is gone to the next resource, of whatever size.
  const bool is_there = range.state == RangeState::used && record_of(range).resource == next.resource &&
                        range.region == victim_.block && range.size == next.size &&
                        Bytes{1} << range.alignment_log2 == next.alignment;
  undecided_ = false;
  Range* to = is_there && can_move(range, parts_.images) ? claim(next) : nullptr;
  if (undecided_) {
    pass_over_ = true;
    return;
  }
  std::pop_heap(left.begin(), left.end(), [this](const Candidate& a, const Candidate& b) { return later(a, b); });
  left.pop_back();
  if (!is_there) return;
  if (to == nullptr) {
    if (victim_.whole) give_up_victim();
    return;
  }
  if (mover_.add(&range, to) != VK_SUCCESS) {
    ++totals_.ignored;
    pass_steps_ += kFailedMove;
    if (victim_.whole) give_up_victim();
    return;
  }
  if (!victim_.whole && std::find(left_.begin(), left_.end(), victim_.pool) == left_.end())
    left_.push_back(victim_.pool);
  pass_bytes_ += next.size;
  ++pass_moves_;
  if (request_.max_moves_per_pass != 0 && pass_moves_ >= request_.max_moves_per_pass) pass_over_ = true;
}

// The victim keeps what is left in it.
void Defragmenter::give_up_victim() {
  if (victim_.block == nullptr) return;
  victim_.left.clear();
  finish_victim();
}

// What was closed stays so until the moves of this pass are made.
void Defragmenter::finish_victim() {
  if (victim_.whole) closed_.push_back(victim_.block);
  if (victim_.replacement != nullptr) closed_.push_back(victim_.replacement);
  victim_ = {};
}

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
  turns_.take(block);
  const bool whole = request_.select == DefragmentSelect::all || stage_ == Stage::replacing;
  if (stage_ == Stage::replacing ? block.used > block.capacity / 4 * 3
                                 : whole && !turns_.fits_elsewhere(block, pass_steps_))
    return;
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
  victim_ = {&block, walk_.pool, turns_.rank(), whole, replacement, nullptr, std::move(walk_.candidates), {}};
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
  turns_.take(block);
  const bool unmarks = stage_ == Stage::tidying && request_.select == DefragmentSelect::marked;
  if (block.access != RegionAccess::reserve && !unmarks) return;
  start_walk(block, RegionAccess::open);
  walk_.unmarks = unmarks;
}

}  // namespace vkmembench
