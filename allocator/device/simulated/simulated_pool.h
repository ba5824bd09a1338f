#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "allocator/base/check.h"

namespace vkmembench::simulated {

struct Device;

// What every object of a simulated device begins with. `tag` is the kind and the generation while the object lives, so
// a handle (address and generation) of a destroyed object is known as stale even after the slot is used again.
// Without its kind, and with the generation that was, while it is free. Small members of what derives from it follow
// the tag without a gap.
struct alignas(16) Object {
  Device* owner = nullptr;
  Object* next = nullptr;
  std::uint32_t tag = 0;
  [[nodiscard]] std::uint16_t generation() const { return static_cast<std::uint16_t>(tag); }
  [[nodiscard]] bool live() const { return tag >> 16 != 0; }
};

inline constexpr unsigned kGenerationShift = 48;  // user addresses of x86-64 and AArch64 fit below
static_assert(sizeof(void*) == 8, "handles carry a generation above a 48-bit address");

template <class T>
[[nodiscard]] constexpr std::uint32_t tag_of(std::uint64_t generation) {
  return T::kKind << 16 | static_cast<std::uint32_t>(generation);
}

template <class Handle, class T>
[[nodiscard]] Handle handle_of(const T& object) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): Vulkan's handles are pointers to types that nobody defines
  return reinterpret_cast<Handle>(reinterpret_cast<std::uintptr_t>(&object) | std::uintptr_t{object.generation()}
                                                                                  << kGenerationShift);
}

// What a handle says: a slot of this kind, and the generation that its object had.
template <class T>
struct Slot {
  T* object = nullptr;  // nullptr: no simulated device gave the handle
  std::uintptr_t generation = 0;
  [[nodiscard]] bool live() const { return object->tag == tag_of<T>(generation); }
};
template <class T, class Handle>
[[nodiscard]] Slot<T> slot_of(Handle handle) {
  const auto bits = reinterpret_cast<std::uintptr_t>(handle);
  const std::uintptr_t generation = bits >> kGenerationShift;
  if (generation == 0 || bits % alignof(Object) != 0) return {};
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  return {reinterpret_cast<T*>(bits & ((std::uintptr_t{1} << kGenerationShift) - 1)), generation};
}

// The object of a handle, or an abort when the handle is null, foreign or of a destroyed object.
template <class T, class Handle>
[[nodiscard]] T& object_of(Handle handle) {
  const Slot<T> slot = slot_of<T>(handle);
  VKMEMBENCH_CHECK(slot.object != nullptr, "handle that no simulated device gave");
  VKMEMBENCH_CHECK(slot.live(), "handle of a destroyed object or of another kind");
  return *slot.object;
}
// The same, or nullptr where that would abort. Requires that nobody else destroys objects of the kind meanwhile.
template <class T, class Handle>
[[nodiscard]] const T* live_object_of(Handle handle) {
  const Slot<T> slot = slot_of<T>(handle);
  return slot.object != nullptr && slot.live() ? slot.object : nullptr;
}

// Spins briefly, then yields: critical sections are a few instructions long.
class SpinLock {
 public:
  void lock() {
    while (flag_.test_and_set(std::memory_order_acquire)) {
      while (flag_.test(std::memory_order_relaxed)) std::this_thread::yield();
    }
  }
  bool try_lock() { return !flag_.test_and_set(std::memory_order_acquire); }
  void unlock() { flag_.clear(std::memory_order_release); }

 private:
  std::atomic_flag flag_;
};

inline constexpr unsigned kShards = 16;
// A number below kShards, the same for all calls of a thread; threads take turns.
[[nodiscard]] inline unsigned thread_shard() {
  static std::atomic<unsigned> next{0};
  static thread_local const unsigned shard = next.fetch_add(1, std::memory_order_relaxed) % kShards;
  return shard;
}

// Objects of one kind in chunks that stay until the pool goes. Each thread works on a free list that few others share;
// an empty one takes over a long one, so that threads that only give do not make the pool grow.
template <class T>
class ObjectPool {
 public:
  explicit ObjectPool(Device& owner) : owner_(owner) {}
  ObjectPool(const ObjectPool&) = delete;
  ObjectPool& operator=(const ObjectPool&) = delete;

  // A live object with the fields its last use left; the caller sets them.
  [[nodiscard]] T& take() {
    Shard& shard = shards_[thread_shard()];
    const std::lock_guard guard(shard.lock);
    if (shard.free == nullptr) [[unlikely]]
      refill(shard);
    Object* object = shard.free;
    shard.free = object->next;
    --shard.free_count;
    ++shard.live;
    const auto generation = static_cast<std::uint16_t>(object->generation() + 1u);
    object->tag = tag_of<T>(generation != 0 ? generation : 1);
    return *static_cast<T*>(object);
  }

  void give(T& object) {
    object.tag = object.generation();
    Shard& shard = shards_[thread_shard()];
    const std::lock_guard guard(shard.lock);
    object.next = shard.free;
    shard.free = &object;
    ++shard.free_count;
    --shard.live;
  }

  // Requires no call in flight, as do the next two.
  [[nodiscard]] std::uint64_t live() const {
    std::int64_t total = 0;
    for (const Shard& shard : shards_) total += shard.live;
    return static_cast<std::uint64_t>(total);
  }
  template <class Visit>
  void for_each_live(Visit visit) const {
    for (const auto& chunk : chunks_) {
      for (std::size_t i = 0; i < kChunk; ++i) {
        if (chunk[i].live()) visit(chunk[i]);
      }
    }
  }

 private:
  static constexpr std::size_t kChunk = 64;
  struct alignas(64) Shard {
    SpinLock lock;
    Object* free = nullptr;
    std::size_t free_count = 0;
    std::int64_t live = 0;  // may be negative where others' objects are given back
  };

  // Requires an empty free list, and its lock held.
  void refill(Shard& shard) {
    for (Shard& other : shards_) {
      if (&other == &shard || !other.lock.try_lock()) continue;
      const std::lock_guard guard(other.lock, std::adopt_lock);
      if (other.free_count < 2 * kChunk) continue;
      shard.free = std::exchange(other.free, nullptr);
      shard.free_count = std::exchange(other.free_count, 0);
      return;
    }
    shard.free_count = kChunk;
    auto chunk = std::make_unique<T[]>(kChunk);
    for (std::size_t i = kChunk; i-- > 0;) {
      chunk[i].owner = &owner_;
      chunk[i].next = shard.free;
      shard.free = &chunk[i];
    }
    const std::lock_guard guard(chunks_mutex_);
    chunks_.push_back(std::move(chunk));
  }

  Device& owner_;
  std::array<Shard, kShards> shards_;
  std::mutex chunks_mutex_;
  std::vector<std::unique_ptr<T[]>> chunks_;
};

}  // namespace vkmembench::simulated
