#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>

#include "allocator/core/pools/brief_mutex.h"
#include "allocator/placement/range.h"

namespace vkmembench {

// What tells an allocation, or an alias, from others.
struct Returned {
  Range* range = nullptr;
  std::uint64_t resource = 0;
  bool image = false;
};

// Allocations that other threads are done with, until a thread of their allocator destroys them: then its metadata, and
// the driver's own of the resource, never travel between processors, but only what stands here. Safe from any thread.
class ReturnBox {
 public:
  static constexpr std::size_t kMost = 256;
  static constexpr std::size_t kMany = 32;  // worth being emptied by the next call

  // False when it is full.
  [[nodiscard]] bool put(const Returned& returned) {
    const std::lock_guard lock(mutex_);
    if (count_ == kMost) return false;
    waiting_[(start_ + count_++) % kMost] = returned;
    if (count_ == kMany) has_many_.store(true, std::memory_order_relaxed);
    return true;
  }
  // Takes up to that many, in the order they came; how many they were.
  [[nodiscard]] std::size_t take(std::span<Returned> taken) {
    const std::lock_guard lock(mutex_);
    const std::size_t number = std::min(count_, taken.size());
    for (std::size_t i = 0; i < number; ++i) taken[i] = waiting_[(start_ + i) % kMost];
    start_ = (start_ + number) % kMost;
    count_ -= number;
    if (count_ < kMany && has_many()) has_many_.store(false, std::memory_order_relaxed);
    return number;
  }
  // Changes seldom, so that asking always is cheap.
  [[nodiscard]] bool has_many() const { return has_many_.load(std::memory_order_relaxed); }

 private:
  alignas(64) BriefMutex mutex_;
  std::size_t start_ = 0;
  std::size_t count_ = 0;
  std::array<Returned, kMost> waiting_;
  alignas(64) std::atomic<bool> has_many_{false};
};

}  // namespace vkmembench
