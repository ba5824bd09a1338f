#pragma once

#include <memory>
#include <new>
#include <utility>

#include "allocator/host/host_tracker.h"

namespace vkmembench {

// Destroys an object and gives its memory back to its tracker.
template <class T>
struct TrackedDelete {
  HostTracker* tracker = nullptr;
  void operator()(T* object) const noexcept {
    object->~T();
    tracker->free(object);
  }
};

// An object in memory of a tracker, and its one owner.
template <class T>
using TrackedResource = std::unique_ptr<T, TrackedDelete<T>>;

// Throws std::bad_alloc, and what T's constructor throws. Use: make_tracked<T>(tracker, tracker.account(category),
// ...).
template <class T, class... Arguments>
[[nodiscard]] TrackedResource<T> make_tracked(HostTracker& tracker, Account account, Arguments&&... arguments) {
  void* memory = tracker.allocate(sizeof(T), alignof(T), account);
  if (memory == nullptr) throw std::bad_alloc();
  try {
    return TrackedResource<T>(::new (memory) T(std::forward<Arguments>(arguments)...), TrackedDelete<T>{&tracker});
  } catch (...) {
    tracker.free(memory);
    throw;
  }
}

}  // namespace vkmembench
