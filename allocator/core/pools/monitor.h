#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/seam/buffer_kind.h"

namespace vkmembench {

// Upper bounds of the size distribution, and the names of its buckets.
inline constexpr std::array<Bytes, 4> kSizeBounds = {kKiB, 64 * kKiB, kMiB, 16 * kMiB};
inline constexpr std::array<std::string_view, 5> kSizeNames = {"<=1KiB", "<=64KiB", "<=1MiB", "<=16MiB", ">16MiB"};
[[nodiscard]] constexpr std::size_t size_bucket(Bytes size) {
  std::size_t bucket = 0;
  while (bucket < kSizeBounds.size() && size > kSizeBounds[bucket]) ++bucket;
  return bucket;
}

// A counter with one writer at a time, which a lock elsewhere orders, and readers that take no lock.
class Counter {
 public:
  void add(std::uint64_t value) { value_.store(get() + value, std::memory_order_relaxed); }
  void subtract(std::uint64_t value) { value_.store(get() - value, std::memory_order_relaxed); }
  void raise_to(std::uint64_t value) {
    if (value > get()) value_.store(value, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Totals of what was asked of an allocator since it was made.
struct EventTotals {
  std::uint64_t created = 0;
  std::uint64_t destroyed = 0;
  std::uint64_t refused = 0;
  Bytes created_bytes = 0;
  Bytes destroyed_bytes = 0;
  std::uint64_t fallbacks = 0;
  Bytes fallback_bytes = 0;
  std::uint64_t maps = 0;
  std::uint64_t frames = 0;
  // What several allocators of the same frames were asked.
  EventTotals& operator+=(const EventTotals& other);
  friend bool operator==(const EventTotals&, const EventTotals&) = default;
  [[nodiscard]] double created_per_frame() const { return per_frame(created); }

 private:
  [[nodiscard]] double per_frame(std::uint64_t count) const {
    return frames == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(frames);
  }
};

// Buffers of one kind: made so far, and live now, with the bytes that the device requires for them.
struct KindCounts {
  std::uint64_t created = 0;
  std::uint64_t live = 0;
  Bytes live_bytes = 0;
  Bytes peak_bytes = 0;
  // Peaks add up too: that bounds the common peak from above.
  KindCounts& operator+=(const KindCounts& other);
  friend bool operator==(const KindCounts&, const KindCounts&) = default;
};

// How an allocator was used so far.
struct MonitorReport {
  static constexpr std::size_t kMostMapped = 20;
  struct Mapped {
    std::uint64_t resource = 0;
    std::uint64_t user = 0;
    Bytes size = 0;
    std::uint32_t map_total = 0;
    friend bool operator==(const Mapped&, const Mapped&) = default;
  };
  EventTotals totals;
  std::array<std::uint64_t, kSizeNames.size()> sizes{};  // creations by size
  std::uint64_t in_device_memory = 0;                    // creations by where they went: device-local types,
  std::uint64_t in_host_memory = 0;                      // and the others
  std::array<KindCounts, kBufferKindCount> kinds{};      // creations whose request says a kind
  std::vector<Mapped> most_mapped;                       // live buffers, most maps first, at most kMostMapped
  void keep_most_mapped();                               // sorts and cuts most_mapped
  // How several allocators were used.
  MonitorReport& operator+=(const MonitorReport& other);
  friend bool operator==(const MonitorReport&, const MonitorReport&) = default;
};

}  // namespace vkmembench
