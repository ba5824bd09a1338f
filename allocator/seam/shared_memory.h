#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <mutex>
#include <unordered_map>

#include "allocator/seam/allocation.h"

namespace vkmembench {

// Where aliases keep no record of their own, an alias's token is its owner's with the lowest bit set. Tokens are
// addresses of objects, where that bit is clear.
[[nodiscard]] inline bool is_alias(const Allocation& allocation) {
  return (reinterpret_cast<std::uintptr_t>(allocation.token) & 1u) != 0;
}
template <typename Token>
[[nodiscard]] Token* token_of(const Allocation& allocation) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): undoes what alias_of() did
  return reinterpret_cast<Token*>(reinterpret_cast<std::uintptr_t>(allocation.token) & ~std::uintptr_t{1});
}

// What was allocated for the owner of memory, within its VkDeviceMemory.
struct OwnedRange {
  Offset begin = 0;
  Bytes size = 0;
  [[nodiscard]] Offset end() const { return begin + size; }
};

// Who is in memory that a strategy's resources share: it goes with the last of them. Where nothing is shared it costs
// a look at a counter. Safe from any thread.
class SharedMemory {
 public:
  // Requires a resource that outlives it.
  explicit SharedMemory(std::pmr::memory_resource& memory) : shared_(&memory) {}

  // What was allocated for the owner of a live allocation's memory.
  [[nodiscard]] OwnedRange range_of(const Allocation& allocation) const {
    if (!is_alias(allocation)) return {allocation.offset, allocation.charged};
    const std::lock_guard lock(mutex_);
    return shared_.at(token_of<std::byte>(allocation)).range;
  }
  // One more alias is in the memory of a live allocation, which is allocated as `range`. Throws std::bad_alloc, without
  // effect.
  void join(const Allocation& target, const OwnedRange& range) {
    const std::lock_guard lock(mutex_);
    ++shared_.try_emplace(token_of<std::byte>(target), Users{.range = range}).first->second.aliases;
    count_.store(shared_.size(), std::memory_order_relaxed);
  }
  // A resource is destroyed: whether its memory goes with it.
  [[nodiscard]] bool leave(const Allocation& allocation) {
    if (count_.load(std::memory_order_relaxed) == 0) return true;
    const std::lock_guard lock(mutex_);
    const auto found = shared_.find(token_of<std::byte>(allocation));
    if (found == shared_.end()) return true;
    Users& users = found->second;
    if (is_alias(allocation))
      --users.aliases;
    else
      users.owner = false;
    if (users.aliases != 0) return false;
    const bool last = !users.owner;
    shared_.erase(found);
    count_.store(shared_.size(), std::memory_order_relaxed);
    return last;
  }

 private:
  struct Users {
    OwnedRange range;
    std::uint32_t aliases = 0;
    bool owner = true;  // is there
  };
  mutable std::mutex mutex_;
  std::pmr::unordered_map<const std::byte*, Users> shared_;  // by the owner's token, while there are aliases
  std::atomic<std::size_t> count_{0};                        // of them: spares the lock where there are none
};

}  // namespace vkmembench
