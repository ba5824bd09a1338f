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
      groups_(&parts_.memory),
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
  for (const Group& group : groups_)
    for (Pool* pool : group) pool->open_all();
}

void Defragmenter::start(const DefragmentRequest& request, std::uint32_t heaps) {
  VKMEMBENCH_CHECK(!in_pass_, "a defragmentation is replaced between its passes");
  abandon();
  request_ = request;
  make_groups(heaps);
  for (const Group& group : groups_) rank_blocks(group);
  stage_ = Stage::moving;
  first_pass_ = true;
  restart_sweep();
}

void Defragmenter::stop() {
  VKMEMBENCH_CHECK(!in_pass_, "a defragmentation is stopped between its passes");
  abandon();
  stage_ = Stage::done;
}

void Defragmenter::make_groups(std::uint32_t heaps) {
  groups_.clear();
  const bool share = request_.algorithm != DefragmentAlgorithm::fast && parts_.options.borrow;
  for (std::uint32_t type = 0; type < parts_.device().info->memory.memoryTypeCount; ++type) {
    if ((heaps >> parts_.source.heap_of(type) & 1u) == 0) continue;
    for (const bool optimal : {false, true}) {
      Group group(memory());
      for (std::size_t i = 0; i < kSizeClassCount; ++i) {
        const auto size_class = static_cast<SizeClass>(i);
        Pool* pool = parts_.pools().find(type, size_class, optimal);
        if (pool == nullptr) continue;
        if (share || group.empty())
          group.push_back(pool);
        else
          groups_.emplace_back().push_back(pool);
      }
      if (!group.empty()) groups_.push_back(std::move(group));
    }
  }
}

// Rank 0 is the fullest block.
void Defragmenter::rank_blocks(const Group& group) const {
  std::pmr::vector<Block*> blocks(memory());
  for (const Pool* pool : group) pool->for_each_shared([&](Block& block) { blocks.push_back(&block); });
  const auto fill = [](const Block& block) {
    return static_cast<double>(block.used) / static_cast<double>(block.capacity);
  };
  std::sort(blocks.begin(), blocks.end(), [&](const Block* a, const Block* b) {
    const double fill_a = fill(*a);
    const double fill_b = fill(*b);
    if (fill_a != fill_b) return fill_a > fill_b;
    if (a->serial != b->serial) return a->serial < b->serial;
    return a->pool->shape().index < b->pool->shape().index;
  });
  std::uint32_t rank = 0;
  for (Block* block : blocks) block->rank = rank++;
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
    for (const Group& group : groups_)
      for (Pool* pool : group) give_back_idle(*pool);
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
  Block* block = next_block();
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
  group_ = 0;
  rank_ = ~0u;
  sweep_moves_ = 0;
}

// The block of the highest rank that this sweep did not have yet; nullptr at the end of the sweep.
Block* Defragmenter::next_block() {
  for (; group_ < groups_.size(); ++group_, rank_ = ~0u) {
    Block* next = nullptr;
    for (const Pool* pool : groups_[group_])
      pool->for_each_shared([&](Block& block) {
        ++pass_steps_;
        if (block.rank < rank_ && (next == nullptr || block.rank > next->rank)) next = &block;
      });
    if (next != nullptr) return next;
  }
  return nullptr;
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

bool Defragmenter::fits_elsewhere(const Block& block) {
  Bytes room = 0;
  for (const Pool* pool : groups_[group_])
    pool->for_each_shared([&](const Block& other) {
      ++pass_steps_;
      if (other.rank < block.rank) room += other.capacity - other.used;
    });
  return room >= block.used;
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
  const Group& group = groups_[group_];
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

}  // namespace vkmembench
