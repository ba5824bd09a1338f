#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory_resource>
#include <mutex>

#include "allocator/core/upkeep/adaptive_buffer.h"

namespace vkmembench {

// The buffers of a strategy that were resized, by the users of their requests: adaptive from then on. Safe from any
// thread as far as the allocator is.
class AdaptiveBuffers {
 public:
  // What is told of a buffer that has a new size, under the lock: `used` bytes of it count.
  using Resized = std::function<void(std::uint64_t user, const Allocation& buffer, Bytes used)>;

  // Requires an allocator that outlives it.
  AdaptiveBuffers(Allocator& allocator, const AdaptiveSettings& settings)
      : allocator_(allocator), settings_(settings), resizer_(allocator), buffers_(&allocator.memory()) {}
  AdaptiveBuffers(const AdaptiveBuffers&) = delete;
  AdaptiveBuffers& operator=(const AdaptiveBuffers&) = delete;

  // See AdaptiveBuffer::resize(). Without `remember` it shrinks no more by itself.
  [[nodiscard]] Expected<Allocation> resize(const Allocation& allocation, Bytes size, bool remember,
                                            const Resized& resized);
  // A frame ended: shrinks what was mostly unused.
  void shrink(const Resized& resized);
  void moved(std::uint64_t user, const Allocation& after);  // by somebody else
  void forget(std::uint64_t user);
  // Spares the lock where nothing is adaptive.
  [[nodiscard]] bool any() const { return count_.load(std::memory_order_relaxed) != 0; }
  [[nodiscard]] const ResizeTotals& totals() const { return resizer_.totals(); }

 private:
  void count() { count_.store(buffers_.size(), std::memory_order_relaxed); }

  Allocator& allocator_;
  AdaptiveSettings settings_;
  mutable std::mutex mutex_;
  BufferResizer resizer_;
  std::pmr::map<std::uint64_t, AdaptiveBuffer> buffers_;
  std::atomic<std::size_t> count_{0};
};

}  // namespace vkmembench
