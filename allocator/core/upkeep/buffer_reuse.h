#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <tuple>
#include <vector>

#include "allocator/core/allocator.h"

namespace vkmembench {

// A size that buffers of a kind are rounded up to, how many unused ones of it are kept, and how many are made ahead.
struct ReuseRow {
  BufferKind kind;
  Bytes size;
  std::uint32_t kept;
  std::uint32_t prewarmed;
};
inline constexpr std::array<ReuseRow, 14> kReuseRows = {{
    {BufferKind::staging, 64 * kKiB, 4, 0},
    {BufferKind::staging, 256 * kKiB, 4, 0},
    {BufferKind::staging, kMiB, 4, 0},
    {BufferKind::staging, 4 * kMiB, 4, 0},
    {BufferKind::uniform, 256, 10, 10},
    {BufferKind::uniform, kKiB, 8, 5},
    {BufferKind::storage, 4 * kKiB, 3, 3},
    {BufferKind::storage, kMiB, 4, 0},
    {BufferKind::storage, 4 * kMiB, 4, 0},
    {BufferKind::storage, 16 * kMiB, 4, 0},
    {BufferKind::vertex, 64 * kKiB, 5, 5},
    {BufferKind::vertex, 256 * kKiB, 3, 3},
    {BufferKind::index, 32 * kKiB, 5, 5},
    {BufferKind::index, 128 * kKiB, 3, 3},
}};
// The smallest row of the kind that serves the size with at most half of it unused; else the size itself.
[[nodiscard]] Bytes reuse_size(BufferKind kind, Bytes size);

struct ReuseSettings {
  std::uint32_t frames_in_flight = 2;  // frames that a released buffer waits, since the device may still use it
  bool prewarm = false;                // make what the rows say at creation, as far as there is memory
  Bytes max_held_bytes = 64 * kMiB;    // of unused buffers kept
  std::uint32_t trim_period = 120;     // frames between looks for what is unused
  std::uint32_t max_idle_frames = 300;
};

struct ReuseCounts {
  std::uint64_t asks = 0;  // acquire()s that a kept buffer could serve
  std::uint64_t hits = 0;  // those it did
  Bytes held_bytes = 0;
  Bytes held_peak_bytes = 0;
  [[nodiscard]] double hit_ratio() const {
    return asks == 0 ? 0.0 : static_cast<double>(hits) / static_cast<double>(asks);
  }
};

// Keeps released buffers of an Allocator and hands them out again to requests of the same usage, memory use and
// evictability for between half of their size and all of it, which saves making, placing and binding them. Gives them
// back to the allocator when they were not used for long, and all of them when a heap is exhausted. Contents are
// undefined. Safe from any thread.
class BufferReuse {
 public:
  // Installs itself as the allocator's reclaim. Requires an allocator that outlives it and has no other BufferReuse.
  explicit BufferReuse(Allocator& allocator, ReuseSettings settings = {});
  // Requires the device to be done with every released buffer.
  ~BufferReuse();
  BufferReuse(const BufferReuse&) = delete;
  BufferReuse& operator=(const BufferReuse&) = delete;

  // A buffer of at least info.size, kept or new. What names a pool, is larger than 16 MiB, transient, or has flags or
  // extensions is always new. Fails as Allocator::create_buffer does.
  [[nodiscard]] Expected<Allocation> acquire(const VkBufferCreateInfo& info, const MemoryRequest& request);
  // Takes a buffer or image of the allocator back: keeps it, or destroys it once no frame in flight uses it. Throws
  // std::bad_alloc, without effect, when there are frames in flight. Requires an unmapped allocation, and a buffer made
  // without flags and extensions.
  void release(const Allocation& allocation);

  // Frame n begins: frees what is due, and every trim_period frames what was not used for long.
  void begin_frame(std::uint64_t n);
  // Destroys every unused buffer that no frame in flight uses, or those in one heap; the bytes given to the allocator.
  Bytes trim();
  Bytes trim_heap(std::uint32_t heap);

  [[nodiscard]] ReuseCounts counts() const;
  [[nodiscard]] std::vector<Allocation> held() const;  // released and not yet destroyed

 private:
  using Key = std::tuple<VkBufferUsageFlags, MemoryUse, bool>;  // usage, memory, evictable
  struct Held {
    Allocation allocation;
    std::uint64_t released = 0;  // the frame of it
    std::uint64_t due = 0;       // the first frame when no frame in flight uses it
  };
  using Sizes = std::pmr::multimap<Bytes, Held>;  // by the buffer's size, oldest first among equals

  [[nodiscard]] std::optional<Allocation> take(const VkBufferCreateInfo& info, const MemoryRequest& request);
  [[nodiscard]] bool has_room(const Sizes& sizes, const HeldBuffer& buffer, Bytes charged) const;
  template <typename Predicate>
  Bytes drop(const Predicate& goes);
  void prewarm();
  [[nodiscard]] bool keep(const HeldBuffer& buffer, const Held& held);
  void take_back(const Allocation& allocation, std::uint32_t frames_in_flight);

  Allocator& allocator_;
  ReuseSettings settings_;
  mutable std::mutex mutex_;
  std::pmr::map<Key, Sizes> kept_;
  std::pmr::vector<Held> leaving_;  // not kept, destroyed when due
  std::uint64_t frame_ = 0;
  std::uint64_t trimmed_frame_ = 0;
  ReuseCounts counts_;
};

}  // namespace vkmembench
