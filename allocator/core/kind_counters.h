#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "allocator/base/bytes.h"
#include "allocator/core/pools/monitor.h"
#include "allocator/seam/buffer_kind.h"

namespace vkmembench {

// Live buffers of each kind, in bytes that the device requires for them. Safe from any thread, without locks. Buffers
// whose kind nobody said are not counted.
class KindCounters {
 public:
  void created(BufferKind kind, Bytes bytes) {
    if (kind == BufferKind::none) return;
    Row& row = rows_[static_cast<std::size_t>(kind)];
    row.created.fetch_add(1, std::memory_order_relaxed);
    grow(row, bytes);
  }
  // One that was created() with `before` bytes has `after` from now on.
  void resized(BufferKind kind, Bytes before, Bytes after) {
    if (kind == BufferKind::none || before == after) return;
    Row& row = rows_[static_cast<std::size_t>(kind)];
    if (after > before)
      grow(row, after - before);
    else
      row.live_bytes.fetch_sub(before - after, std::memory_order_relaxed);
  }
  // Requires the kind of a created() before, and the bytes that it has now.
  void destroyed(BufferKind kind, Bytes bytes) {
    if (kind == BufferKind::none) return;
    Row& row = rows_[static_cast<std::size_t>(kind)];
    row.destroyed.fetch_add(1, std::memory_order_relaxed);
    row.live_bytes.fetch_sub(bytes, std::memory_order_relaxed);
  }
  [[nodiscard]] KindCounts counts(BufferKind kind) const {
    const Row& row = rows_[static_cast<std::size_t>(kind)];
    KindCounts counts;
    const std::uint64_t destroyed = row.destroyed.load(std::memory_order_relaxed);
    counts.created = row.created.load(std::memory_order_relaxed);
    counts.live = counts.created - destroyed;
    counts.live_bytes = row.live_bytes.load(std::memory_order_relaxed);
    counts.peak_bytes = row.peak_bytes.load(std::memory_order_relaxed);
    return counts;
  }

 private:
  struct Row {
    std::atomic<std::uint64_t> created{0};
    std::atomic<std::uint64_t> destroyed{0};
    std::atomic<Bytes> live_bytes{0};
    std::atomic<Bytes> peak_bytes{0};
  };

  static void grow(Row& row, Bytes bytes) {
    const Bytes live = row.live_bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    Bytes peak = row.peak_bytes.load(std::memory_order_relaxed);
    while (live > peak && !row.peak_bytes.compare_exchange_weak(peak, live, std::memory_order_relaxed)) {
    }
  }

  std::array<Row, kBufferKindCount> rows_;
};

}  // namespace vkmembench
