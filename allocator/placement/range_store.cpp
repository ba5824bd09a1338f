#include "allocator/placement/range_store.h"

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "allocator/base/check.h"
#include "allocator/base/os/pages.h"

namespace vkmembench {
namespace {

constexpr std::size_t kFirstSlab = 32;
constexpr std::size_t kLargestSlab = 1024;  // of small pages
constexpr std::size_t kLargePage = 2 * kMiB;
constexpr std::size_t kLargePageNodes = kLargePage / sizeof(Range);
// So many nodes are worth whole large pages: what is not used of them stays below a half.
constexpr std::size_t kWorthLargePages = kLargePageNodes / 2;

static_assert(std::is_trivially_destructible_v<Range>, "slabs are freed with their nodes");

bool has_large_pages(std::size_t count) { return count > kWorthLargePages; }
std::size_t slab_alignment(std::size_t count) { return has_large_pages(count) ? kLargePage : alignof(Range); }

}  // namespace

RangeStore::~RangeStore() {
  for (const Slab& slab : slabs_)
    memory()->deallocate(slab.nodes, slab.count * sizeof(Range), slab_alignment(slab.count));
}

// Every node of the latest slab counts as made from here on.
void RangeStore::keep_unmade() {
  while (next_ != end_) give(new (next_++) Range);
}

// A failure changes nothing. Requires that every node of the slab before was made.
void RangeStore::add_slab(std::size_t count) {
  const bool large = has_large_pages(count);
  if (large) count = align_up(count, kLargePageNodes);
  const std::size_t bytes = count * sizeof(Range);
  if (slabs_.size() == slabs_.capacity()) slabs_.reserve(slabs_.size() + std::max<std::size_t>(slabs_.size(), 4));
  void* nodes = memory()->allocate(bytes, slab_alignment(count));
  if (large) want_large_pages(nodes, bytes);
  next_ = static_cast<Range*>(nodes);
  end_ = next_ + count;
  slabs_.push_back({next_, count});
  node_count_ += count;
}

void RangeStore::add_next_slab() {
  keep_unmade();
  add_slab(node_count_ < 2 * kLargePageNodes ? std::clamp(node_count_, kFirstSlab, kLargestSlab) : kLargePageNodes);
}

Range* RangeStore::make() {
  if (next_ == end_) add_next_slab();
  return new (next_++) Range;
}

void RangeStore::reserve(std::size_t count) {
  const std::size_t have = spare_count_ + unmade();
  if (count <= have) return;
  keep_unmade();
  add_slab(std::max(count - have, kFirstSlab));
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
  range->listed = RegionAccess::closed;
  region.first = range;
}

void RangeStore::close(Region& region) {
  VKMEMBENCH_CHECK(region.used_count == 0 && region.first != nullptr, "only an idle region can leave");
  give(region.first);
  region.first = nullptr;
}

bool RangeStore::owns(const void* address) const {
  const auto value = reinterpret_cast<std::uintptr_t>(address);
  if (value >= reinterpret_cast<std::uintptr_t>(next_) && value < reinterpret_cast<std::uintptr_t>(end_)) return false;
  return std::any_of(slabs_.begin(), slabs_.end(), [value](const Slab& slab) {
    const auto start = reinterpret_cast<std::uintptr_t>(slab.nodes);
    return value >= start && value < start + slab.count * sizeof(Range) && (value - start) % sizeof(Range) == 0;
  });
}

}  // namespace vkmembench
