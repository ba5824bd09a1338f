#include "allocator/core/upkeep/eviction.h"

#include <algorithm>

namespace vkmembench {
namespace {

bool longer_idle(const Evictable& a, const Evictable& b) { return a.idle > b.idle; }

// Moves what is idle for more than `min_idle` frames to `taken`, until it has `wanted` bytes or more.
void take(EvictionBlock& block, std::uint32_t min_idle, Bytes wanted, std::pmr::vector<Evictable>& taken) {
  std::stable_sort(block.evictable.begin(), block.evictable.end(), longer_idle);
  Bytes bytes = 0;
  auto next = block.evictable.begin();
  for (; next != block.evictable.end() && next->idle > min_idle && bytes < wanted; ++next) {
    bytes += next->bytes;
    taken.push_back(*next);
  }
  block.evictable.erase(block.evictable.begin(), next);
}

std::uint32_t least_idle(const EvictionBlock& block) {
  return std::min_element(block.evictable.begin(), block.evictable.end(),
                          [](const Evictable& a, const Evictable& b) { return a.idle < b.idle; })
      ->idle;
}

}  // namespace

std::pmr::vector<Evictable> take_least_recently_used(std::pmr::vector<EvictionBlock>& blocks, std::uint32_t min_idle) {
  std::pmr::vector<Evictable> taken(blocks.get_allocator());
  for (EvictionBlock& block : blocks) take(block, min_idle, ~Bytes{0}, taken);
  std::stable_sort(taken.begin(), taken.end(), longer_idle);
  return taken;
}

std::pmr::vector<Evictable> take_whole_blocks(std::pmr::vector<EvictionBlock>& blocks, std::uint32_t min_idle,
                                              Bytes wanted) {
  struct Whole {
    EvictionBlock* block;
    std::uint32_t idle;  // of what was used last in it
  };
  std::pmr::vector<Whole> whole(blocks.get_allocator());
  for (EvictionBlock& block : blocks)
    if (block.stays == 0 && !block.evictable.empty())
      if (const std::uint32_t idle = least_idle(block); idle > min_idle) whole.push_back({&block, idle});
  std::stable_sort(whole.begin(), whole.end(), [](const Whole& a, const Whole& b) { return a.idle > b.idle; });
  std::pmr::vector<Evictable> taken(blocks.get_allocator());
  Bytes emptied = 0;
  for (const Whole& next : whole) {
    if (emptied >= wanted) break;
    emptied += next.block->capacity;
    take(*next.block, min_idle, ~Bytes{0}, taken);
  }
  return taken;
}

std::pmr::vector<Evictable> take_densest(std::pmr::vector<EvictionBlock>& blocks, std::uint32_t min_idle,
                                         Bytes wanted) {
  struct Dense {
    EvictionBlock* block;
    Bytes goes;
    Bytes stays;
  };
  std::pmr::vector<Dense> dense(blocks.get_allocator());
  for (EvictionBlock& block : blocks) {
    Dense row{&block, 0, block.stays};
    for (const Evictable& evictable : block.evictable)
      (evictable.idle > min_idle ? row.goes : row.stays) += evictable.bytes;
    if (row.goes > 0) dense.push_back(row);
  }
  std::stable_sort(dense.begin(), dense.end(), [](const Dense& a, const Dense& b) {
    return static_cast<double>(a.goes) * static_cast<double>(b.stays) >
           static_cast<double>(b.goes) * static_cast<double>(a.stays);
  });
  std::pmr::vector<Evictable> taken(blocks.get_allocator());
  Bytes found = 0;
  for (const Dense& next : dense) {
    if (found >= wanted) break;
    take(*next.block, min_idle, wanted - found, taken);
    found += std::min(next.goes, wanted - found);
  }
  return taken;
}

}  // namespace vkmembench
