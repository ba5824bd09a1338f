#include "allocator/core/upkeep/block_turns.h"

#include <algorithm>

namespace vkmembench {

void BlockTurns::begin(std::uint32_t heaps, bool share) {
  groups_.clear();
  for (std::uint32_t type = 0; type < parts_.device().info->memory.memoryTypeCount; ++type) {
    if ((heaps >> parts_.source.heap_of(type) & 1u) == 0) continue;
    for (const bool optimal : {false, true}) {
      Group group(&parts_.memory);
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
  for (const Group& group : groups_) rank_blocks(group);
  restart_sweep();
}

// Rank 0 is the fullest block.
void BlockTurns::rank_blocks(const Group& group) const {
  std::pmr::vector<Block*> blocks(&parts_.memory);
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

void BlockTurns::restart_sweep() {
  group_ = 0;
  rank_ = ~0u;
}

Block* BlockTurns::next(std::size_t& steps) {
  for (; group_ < groups_.size(); ++group_, rank_ = ~0u) {
    Block* next = nullptr;
    for (const Pool* pool : groups_[group_])
      pool->for_each_shared([&](Block& block) {
        ++steps;
        if (block.rank < rank_ && (next == nullptr || block.rank > next->rank)) next = &block;
      });
    if (next != nullptr) return next;
  }
  return nullptr;
}

bool BlockTurns::fits_elsewhere(const Block& block, std::size_t& steps) const {
  Bytes room = 0;
  for (const Pool* pool : group())
    pool->for_each_shared([&](const Block& other) {
      ++steps;
      if (other.rank < block.rank) room += other.capacity - other.used;
    });
  return room >= block.used;
}

}  // namespace vkmembench
