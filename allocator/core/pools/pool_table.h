#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <mutex>

#include "allocator/core/pools/arena_place.h"
#include "allocator/core/pools/memory_budget.h"
#include "allocator/core/pools/memory_source.h"
#include "allocator/core/pools/named_pools.h"
#include "allocator/core/pools/options.h"
#include "allocator/core/pools/pool.h"

namespace vkmembench {

// Which of the pools of one memory type serves a size; see AllocatorOptions.
enum class SizeClass : std::uint8_t { small, medium, big, large, count };
inline constexpr std::size_t kSizeClassCount = static_cast<std::size_t>(SizeClass::count);
[[nodiscard]] inline SizeClass size_class_of(Bytes size, const AllocatorOptions& options) {
  if (size <= options.small_limit_bytes) return SizeClass::small;
  if (size <= options.medium_limit_bytes) return SizeClass::medium;
  return size <= options.big_limit_bytes ? SizeClass::big : SizeClass::large;
}

// A pool and the one made after it.
struct PoolNode {
  PoolNode(MemorySource& source, const AllocatorOptions& options, PoolShape shape, std::pmr::memory_resource& memory)
      : pool(source, options, std::move(shape), memory) {}
  Pool pool;
  std::atomic<PoolNode*> newer{nullptr};
};
class PoolList {
 public:
  class Iterator {
   public:
    explicit Iterator(PoolNode* node) : node_(node) {}
    [[nodiscard]] Pool* operator*() const { return &node_->pool; }
    Iterator& operator++() {
      node_ = node_->newer.load(std::memory_order_acquire);
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    PoolNode* node_;
  };
  explicit PoolList(PoolNode* oldest) : oldest_(oldest) {}
  [[nodiscard]] Iterator begin() const { return Iterator(oldest_); }
  [[nodiscard]] Iterator end() const { return Iterator(nullptr); }

 private:
  PoolNode* oldest_;
};

// The pools of an allocator, made when they are first needed: by memory type, size class and kind, and those that
// requests name. Decides which of their empty blocks are kept; whose memory goes where is the allocator's. Safe from
// any thread.
class PoolTable {
 public:
  // Requires all of them to outlive it.
  PoolTable(MemorySource& source, MemoryBudget& budget, const AllocatorOptions& options, const ArenaPlace& arena,
            std::pmr::memory_resource& memory);
  ~PoolTable();
  PoolTable(const PoolTable&) = delete;
  PoolTable& operator=(const PoolTable&) = delete;

  [[nodiscard]] Pool& at(std::uint32_t memory_type, SizeClass size_class, bool optimal) {
    Pool* pool = find(memory_type, size_class, optimal);
    return pool != nullptr ? *pool : make(memory_type, size_class, optimal);
  }
  // nullptr when it was never needed.
  [[nodiscard]] Pool* find(std::uint32_t memory_type, SizeClass size_class, bool optimal) const {
    return slots_[slot_of(memory_type, size_class, optimal)].load(std::memory_order_acquire);
  }
  // Requires an id that names() gave.
  [[nodiscard]] Pool& at(PoolId id, std::uint32_t memory_type) {
    Pool* pool = names_.slot(id, memory_type).load(std::memory_order_acquire);
    return pool != nullptr ? *pool : make(id, memory_type);
  }
  [[nodiscard]] NamedPools& names() { return names_; }
  [[nodiscard]] const NamedPools& names() const { return names_; }
  // The pools oldest first, for `for`: those made meanwhile may be among them. Takes no lock and no memory.
  [[nodiscard]] PoolList all() const { return PoolList(oldest_.load(std::memory_order_acquire)); }

  // Makes options.prewarm_blocks empty blocks in each of the smaller classes, as far as the device has room; so much
  // stays empty whatever lives.
  void prewarm(std::uint32_t memory_type);
  // After a block of the pool became empty: keeps empty blocks within a share of what lives.
  void settle_empty(Pool& emptied);
  // Before `wanted` bytes are made: gives empty blocks back where the most ever held would rise.
  void keep_below_peak(Bytes wanted);
  // Gives every empty block back, or those in one heap; the bytes given.
  Bytes trim();
  Bytes trim(std::uint32_t heap);

 private:
  static constexpr std::size_t kSlots = std::size_t{VK_MAX_MEMORY_TYPES} * kSizeClassCount * 2;
  [[nodiscard]] static std::size_t slot_of(std::uint32_t memory_type, SizeClass size_class, bool optimal) {
    return (memory_type * kSizeClassCount + static_cast<std::size_t>(size_class)) * 2 + (optimal ? 1 : 0);
  }
  Pool& make(std::uint32_t memory_type, SizeClass size_class, bool optimal);
  Pool& make(PoolId id, std::uint32_t memory_type);
  Pool& make_in(std::atomic<Pool*>& slot, std::uint32_t memory_type, PoolShape shape);

  MemorySource& source_;
  MemoryBudget& budget_;
  const AllocatorOptions& options_;
  const ArenaPlace& arena_;
  Bytes keep_floor_;  // bytes of empty blocks that are kept whatever lives
  std::array<std::atomic<Pool*>, kSlots> slots_{};
  std::pmr::memory_resource& memory_;
  NamedPools names_;
  std::mutex making_;
  std::atomic<PoolNode*> oldest_{nullptr};
  PoolNode* newest_ = nullptr;  // under making_, like the number of pools
  std::uint16_t count_ = 0;
};

}  // namespace vkmembench
