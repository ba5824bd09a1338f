#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#include "allocator/base/bytes.h"
#include "allocator/base/origin.h"
#include "allocator/host/category_tree.h"

namespace vkmembench {

// A number that one thread writes and any thread reads. Zero bytes are a zero, so that rows nobody writes cost no page.
template <class Number>
class OwnedNumber {
 public:
  void set(Number value, std::memory_order order = std::memory_order_relaxed) {
    std::atomic_ref(value_).store(value, order);
  }
  [[nodiscard]] Number get(std::memory_order order = std::memory_order_relaxed) const {
    return std::atomic_ref(value_).load(order);
  }

 private:
  mutable Number value_;
};

// What one thread counted on a row. Frees count where they happen: only sums over all shards are meaningful.
//
// What changes its live bytes, allocated less freed, passes on to the row's subtree and those around it: a rise at
// once, a fall when it comes to a step; and what the thread changed in a subtree passes on to all threads once it is a
// grain (see HostCounters). A row that falls less than a step and rises again, as most do most of the time, so passes
// nothing on.
struct alignas(64) CounterRow {
  OwnedNumber<std::uint64_t> allocated_count;
  OwnedNumber<Bytes> allocated_bytes;
  OwnedNumber<std::uint64_t> freed_count;
  OwnedNumber<Bytes> freed_bytes;
  OwnedNumber<std::int64_t> passed;        // live bytes when they passed on last
  OwnedNumber<std::int64_t> subtree;       // change of the subtree that did not pass on yet
  OwnedNumber<std::int64_t> subtree_high;  // and the most of it since, not below 0
  OwnedNumber<std::int64_t> grain;         // of subtree: what passes on to all threads
};
static_assert(sizeof(CounterRow) == 64);

// The counters of one thread: a row for each of the tree, and the accounts that it used last.
class HostShard {
 public:
  // Throws std::bad_alloc.
  explicit HostShard(std::uint32_t rows) : memory_(std::calloc(std::size_t{rows} + 1, sizeof(CounterRow))) {
    if (memory_ == nullptr) throw std::bad_alloc();
    void* first = memory_.get();
    std::size_t space = (std::size_t{rows} + 1) * sizeof(CounterRow);
    rows_ = static_cast<CounterRow*>(std::align(alignof(CounterRow), rows * sizeof(CounterRow), first, space));
  }

  [[nodiscard]] CounterRow& row(std::uint32_t number) { return rows_[number]; }
  [[nodiscard]] const CounterRow& row(std::uint32_t number) const { return rows_[number]; }

  // The account of a place in a category, as the thread found it last.
  struct RecentPlace {
    const char* file = nullptr;
    std::uint64_t line_and_category = 0;
    Account account;
  };
  // Where it would be remembered, with its key; the caller compares.
  struct Recall {
    RecentPlace& slot;
    std::uint64_t line_and_category;
  };
  [[nodiscard]] Recall recall(Category category, const Origin& origin) {
    constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;  // 2^64 over the golden ratio: multiplicative hashing
    const std::uint64_t key = (std::uint64_t{category.row} << 16) | origin.line;
    const std::uint64_t hash = (std::bit_cast<std::uintptr_t>(origin.file) + key) * kGolden;
    return {recent_[hash >> (64 - kRecentBits)], key};
  }

 private:
  static constexpr int kRecentBits = 6;
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  std::unique_ptr<void, Free> memory_;
  CounterRow* rows_;
  std::array<RecentPlace, 1u << kRecentBits> recent_{};
};

}  // namespace vkmembench
