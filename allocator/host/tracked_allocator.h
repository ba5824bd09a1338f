#pragma once

#include <cstddef>
#include <limits>
#include <new>
#include <type_traits>

#include "allocator/host/host_tracker.h"

namespace vkmembench {

// Lets a standard container take its memory from a tracker, counted on a category and the place that made the
// allocator. Memory of one may be freed by any other of the same tracker.
template <class T>
class TrackedAllocator {
 public:
  using value_type = T;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;

  TrackedAllocator(HostTracker& tracker, Category category, Origin origin = Origin::here()) noexcept
      : tracker_(&tracker), account_(tracker.account(category, origin)) {}
  template <class Other>
  TrackedAllocator(const TrackedAllocator<Other>& other) noexcept  // NOLINT(google-explicit-constructor)
      : tracker_(&other.tracker()), account_(other.account()) {}

  // Throws std::bad_alloc, or std::bad_array_new_length when the bytes cannot be counted.
  [[nodiscard]] T* allocate(std::size_t count) {
    if (count > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / sizeof(T) / 2)
      throw std::bad_array_new_length();
    void* memory = tracker_->allocate(count * sizeof(T), alignof(T), account_);
    if (memory == nullptr) throw std::bad_alloc();
    return static_cast<T*>(memory);
  }
  void deallocate(T* pointer, std::size_t /*count*/) noexcept { tracker_->free(pointer); }

  [[nodiscard]] HostTracker& tracker() const noexcept { return *tracker_; }
  [[nodiscard]] Account account() const noexcept { return account_; }
  template <class Other>
  friend bool operator==(const TrackedAllocator& a, const TrackedAllocator<Other>& b) noexcept {
    return a.tracker_ == &b.tracker();
  }

 private:
  HostTracker* tracker_;
  Account account_;
};

}  // namespace vkmembench
