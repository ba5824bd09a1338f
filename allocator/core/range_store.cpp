#include "allocator/core/range_store.h"

#include <algorithm>
#include <cstdint>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

constexpr std::size_t kFirstSlab = 32;
constexpr std::size_t kLargestSlab = 1024;

}  // namespace

void RangeStore::add_slab() {
  const std::size_t count = std::clamp(node_count_, kFirstSlab, kLargestSlab);
  Slab slab{std::make_unique<Range[]>(count), count};
  for (std::size_t i = count; i-- > 0;) give(&slab.nodes[i]);
  node_count_ += count;
  slabs_.push_back(std::move(slab));
}

void RangeStore::open(Region& region) {
  VKMEMBENCH_CHECK(region.first == nullptr && region.capacity > 0, "a region is taken in once and has room");
  Range* range = take();
  range->offset = 0;
  range->size = region.capacity;
  range->before = range->after = nullptr;
  range->region = &region;
  range->serial = region.serial;
  range->state = RangeState::free;
  region.first = range;
}

void RangeStore::close(Region& region) {
  VKMEMBENCH_CHECK(region.used_count == 0 && region.first != nullptr, "only an idle region can leave");
  give(region.first);
  region.first = nullptr;
}

bool RangeStore::owns(const void* address) const {
  const auto value = reinterpret_cast<std::uintptr_t>(address);
  return std::any_of(slabs_.begin(), slabs_.end(), [value](const Slab& slab) {
    const auto start = reinterpret_cast<std::uintptr_t>(slab.nodes.get());
    return value >= start && value < start + slab.count * sizeof(Range) && (value - start) % sizeof(Range) == 0;
  });
}

}  // namespace vkmembench
