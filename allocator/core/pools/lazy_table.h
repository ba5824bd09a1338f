#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory_resource>
#include <mutex>

#include "allocator/base/check.h"
#include "allocator/base/pmr_ptr.h"

namespace vkmembench {

// Up to N values by number, each made when first asked for and there until the table goes. Safe from any thread;
// finding a value that is there takes no lock.
template <class T, std::size_t N>
class LazyTable {
 public:
  explicit LazyTable(std::pmr::memory_resource& memory) : memory_(memory) {}  // Requires one that outlives it.
  LazyTable(const LazyTable&) = delete;
  LazyTable& operator=(const LazyTable&) = delete;
  ~LazyTable() {
    for (std::atomic<T*>& slot : slots_)
      if (T* value = slot.load(std::memory_order_relaxed)) PmrDelete<T>{&memory_}(value);
  }

  // nullptr while nobody asked for it. Requires number < N, as does get().
  [[nodiscard]] T* find(std::size_t number) const { return slots_[number].load(std::memory_order_acquire); }

  // `make`, given the table's memory, returns a PmrPtr<T> from there; it runs at most once a number, and what it throws
  // leaves the table as it was.
  template <class Make>
  T& get(std::size_t number, const Make& make) {
    VKMEMBENCH_CHECK(number < N, "a table has no such number");
    if (T* value = find(number)) return *value;
    const std::lock_guard lock(making_);
    if (T* value = find(number)) return *value;
    T* value = make(memory_).release();
    slots_[number].store(value, std::memory_order_release);
    return *value;
  }

  // Those that are there, by number.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (const std::atomic<T*>& slot : slots_)
      if (T* value = slot.load(std::memory_order_acquire)) visit(*value);
  }

 private:
  std::pmr::memory_resource& memory_;
  std::array<std::atomic<T*>, N> slots_{};
  std::mutex making_;
};

}  // namespace vkmembench
