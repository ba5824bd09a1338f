#include "allocator/host/host_tracker.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <limits>
#include <utility>

#include "allocator/base/check.h"
#include "allocator/base/error.h"
#include "allocator/base/os/aligned_memory.h"
#include "allocator/host/tracy_hook.h"

namespace vkmembench {
namespace {

constexpr std::size_t kMaxBytes = std::numeric_limits<std::ptrdiff_t>::max();

[[noreturn]] void refuse(std::size_t size, std::size_t alignment) {
  const std::string what =
      "host allocation of " + std::to_string(size) + " bytes aligned to " + std::to_string(alignment);
  if (!is_power_of_two(alignment)) throw Error(what + ": the alignment is not a power of two; use one");
  throw Error(what + ": more than the address space holds; ask for less");
}

// Bytes of malloc() for an allocation, its metadata included. Throws Error as HostTracker::allocate() says.
std::size_t total_size(std::size_t size, std::size_t alignment) {
  if (!is_power_of_two(alignment) || alignment > kMaxBytes / 4) [[unlikely]]
    refuse(size, alignment);
  const std::size_t front = HostHeader::front(alignment);
  if (size > kMaxBytes - front - alignment) [[unlikely]]
    refuse(size, alignment);
  return front + size;
}

// Whether malloc() and realloc() keep the alignment.
bool plain(std::size_t alignment) { return alignment <= alignof(std::max_align_t); }

void give_back(void* base, std::size_t alignment) {
  if (plain(alignment))
    std::free(base);
  else
    give_aligned_back(base);
}

void* base_of(void* pointer, std::size_t alignment) {
  return static_cast<std::byte*>(pointer) - HostHeader::front(alignment);
}

}  // namespace

HostTracker::HostTracker(const HostTrackerOptions& options)
    : options_(options),
      tree_(options.max_categories, options.max_places),
      counters_(tree_),
      salt_(static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(this) >> 4)),
      live_(options.checked ? std::make_unique<LiveSet>() : nullptr) {}

Account HostTracker::account(Category category, Origin origin) noexcept {
  if (origin.file == nullptr) return {category.row};
  return counters_.recent(category, origin, [&] { return tree_.place(category, origin); });
}

inline void* HostTracker::start(void* base, std::size_t size, std::size_t alignment, std::uint32_t row) {
  void* pointer = static_cast<std::byte*>(base) + HostHeader::front(alignment);
  HostHeader::write(pointer, size, row, alignment, salt_);
  if (live_ != nullptr) {
    try {
      live_->insert(pointer);
    } catch (const std::exception&) {
      return nullptr;
    }
  }
  profile_allocation(pointer, size, tree_.profiler_pool(row));
  return pointer;
}

inline HostHeader& HostTracker::live_header(void* pointer) const {
  HostHeader& header = HostHeader::of(pointer);
  VKMEMBENCH_CHECK(
      header.holds(pointer, salt_),
      "host memory that is not live in this tracker: freed already, not its own, or its header overwritten");
  return header;
}

void* HostTracker::allocate(std::size_t size, std::size_t alignment, Account account) {
  VKMEMBENCH_CHECK(tree_.knows(account.row), "an account of another host tracker");
  const std::size_t total = total_size(size, alignment);
  void* base = plain(alignment) ? std::malloc(total) : take_aligned(alignment, align_up(total, alignment));
  if (base == nullptr) return nullptr;
  void* pointer = start(base, size, alignment, account.row);
  if (pointer == nullptr) {
    give_back(base, alignment);
    return nullptr;
  }
  counters_.allocated(account.row, size);
  if (size >= options_.large_bytes) counters_.allocated(CategoryTree::kLarge, size);
  return pointer;
}

void HostTracker::free(void* pointer) noexcept {
  if (pointer == nullptr) return;
  if (live_ != nullptr)
    VKMEMBENCH_CHECK(live_->erase(pointer),
                     "host memory that is not live in this tracker: freed already, or not its own");
  HostHeader& header = live_header(pointer);
  const Bytes size = header.size();
  const std::uint32_t row = header.row();
  header.break_seal();
  counters_.freed(row, size);
  if (size >= options_.large_bytes) counters_.freed(CategoryTree::kLarge, size);
  profile_free(pointer, tree_.profiler_pool(row));
  const std::size_t alignment = header.alignment();
  give_back(base_of(pointer, alignment), alignment);
}

void* HostTracker::reallocate(void* pointer, std::size_t size) {
  if (live_ != nullptr)
    VKMEMBENCH_CHECK(live_->contains(pointer),
                     "host memory that is not live in this tracker: freed already, or not its own");
  return live_ == nullptr && plain(live_header(pointer).alignment()) ? resize(pointer, size) : move(pointer, size);
}

// In checked mode too, so that the set never lacks memory for a pointer that is live.
void* HostTracker::move(void* pointer, std::size_t size) {
  const HostHeader& header = live_header(pointer);
  void* moved = allocate(size, header.alignment(), Account{header.row()});
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, pointer, std::min(size, static_cast<std::size_t>(header.size())));
  free(pointer);
  return moved;
}

void* HostTracker::resize(void* pointer, std::size_t size) {
  HostHeader& header = live_header(pointer);
  const Bytes old_size = header.size();
  const std::uint32_t row = header.row();
  const std::size_t alignment = header.alignment();
  const std::size_t total = total_size(size, alignment);
  header.break_seal();
  profile_free(pointer, tree_.profiler_pool(row));
  void* base = std::realloc(base_of(pointer, alignment), total);
  if (base == nullptr) {
    (void)start(base_of(pointer, alignment), old_size, alignment, row);
    return nullptr;
  }
  counters_.freed(row, old_size);
  counters_.allocated(row, size);
  if (old_size >= options_.large_bytes) counters_.freed(CategoryTree::kLarge, old_size);
  if (size >= options_.large_bytes) counters_.allocated(CategoryTree::kLarge, size);
  return start(base, size, alignment, row);
}

HostSnapshot HostTracker::snapshot() const {
  std::vector<HostCounts> counts = counters_.read();
  return make_snapshot(tree_, tree_.names(), std::move(counts));  // the names are at least those that were counted
}

std::vector<HostTracker::Live> HostTracker::live() const {
  std::vector<Live> all;
  if (live_ == nullptr) return all;
  std::vector<std::uint32_t> rows;
  live_->for_each([&](const void* pointer) {
    const HostHeader& header = HostHeader::of(pointer);
    all.push_back({pointer, header.size(), {}, {}, 0});
    rows.push_back(header.row());
  });
  const CategoryTree::Names names = tree_.names();
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::uint32_t row = rows[i];
    if (row >= tree_.max_categories()) {
      const CategoryTree::Place& place = names.places[row - tree_.max_categories()];
      all[i].file = place.file;
      all[i].line = place.line;
      row = place.category;
    }
    all[i].category = names.categories[row];
  }
  return all;
}

}  // namespace vkmembench
