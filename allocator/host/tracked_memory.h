#pragma once

#include <cstddef>
#include <memory_resource>
#include <new>

#include "allocator/host/host_tracker.h"

namespace vkmembench {

// A std::pmr resource that takes its memory from a tracker, counted on a category and the place that made the resource.
class TrackedMemory : public std::pmr::memory_resource {
 public:
  TrackedMemory(HostTracker& tracker, Category category, Origin origin = Origin::here()) noexcept
      : TrackedMemory(tracker, tracker.account(category, origin)) {}
  TrackedMemory(HostTracker& tracker, Account account) noexcept : tracker_(tracker), account_(account) {}

 private:
  // Throws std::bad_alloc; Error as HostTracker::allocate() does.
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    void* memory = tracker_.allocate(bytes, alignment, account_);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
  }
  void do_deallocate(void* pointer, std::size_t /*bytes*/, std::size_t /*alignment*/) override {
    tracker_.free(pointer);
  }
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    const auto* tracked = dynamic_cast<const TrackedMemory*>(&other);
    return tracked != nullptr && &tracked->tracker_ == &tracker_;
  }

  HostTracker& tracker_;
  const Account account_;
};

// An arena of one category: memory is given out of chunks that grow, and goes back all at once. Destructors of what
// lies in it are not called. For one thread at a time.
class HostPool {
 public:
  static constexpr std::size_t kFirstChunk = 4096;  // bytes
  HostPool(HostTracker& tracker, Category category, std::size_t first_chunk = kFirstChunk,
           Origin origin = Origin::here())
      : memory_(tracker, category, origin), arena_(first_chunk, &memory_) {}

  // Throws as TrackedMemory does.
  [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment = alignof(std::max_align_t)) {
    return arena_.allocate(bytes, alignment);
  }
  void free_all() { arena_.release(); }
  // For containers that live no longer than the next free_all().
  [[nodiscard]] std::pmr::memory_resource& resource() { return arena_; }

 private:
  TrackedMemory memory_;
  std::pmr::monotonic_buffer_resource arena_;
};

}  // namespace vkmembench
