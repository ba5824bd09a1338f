#pragma once

#include <cstdint>
#include <optional>

#include "allocator/core/upkeep/buffer_resizer.h"

namespace vkmembench {

struct AdaptiveSettings {
  Bytes start_bytes = kKiB;
  double growth = 1.5;                    // of the capacity, or more where more is used
  double shrink_below = 0.5;              // share of the capacity that is used,
  std::uint32_t shrink_after_frames = 8;  // for so many frames on end,
  double shrink_to = 1.2;                 // then the capacity is so many times what is used
};

// Decides how large a buffer is whose use varies. Knows neither buffers nor frames' numbers.
class AdaptivePolicy {
 public:
  explicit AdaptivePolicy(const AdaptiveSettings& settings = {}) : settings_(settings) {}

  // Of a new buffer.
  [[nodiscard]] Bytes initial(Bytes used) const;
  // The capacity itself where that suffices.
  [[nodiscard]] Bytes grown(Bytes capacity, Bytes used) const;
  // A frame ended with so much in use: the smaller capacity once it is due, never below start_bytes.
  [[nodiscard]] std::optional<Bytes> end_frame(Bytes capacity, Bytes used);

 private:
  AdaptiveSettings settings_;
  std::uint32_t low_frames_ = 0;
};

// A buffer that follows what is used of it: grows ahead of need, and shrinks when it was mostly unused for some frames.
// Contents keep their offsets. The buffer stays its user's to destroy, as allocation() says at the time.
class AdaptiveBuffer {
 public:
  // Takes over a buffer that is used whole. Requires a resizer that outlives it.
  AdaptiveBuffer(BufferResizer& resizer, const Allocation& buffer, const AdaptiveSettings& settings = {});

  // From now on `used` bytes of it count, and there is room for them. A failure, as of BufferResizer::resize(), leaves
  // it as it was. Requires used > 0, and what that requires.
  [[nodiscard]] VkResult resize(Bytes used);
  // True when it shrank. A failure leaves it as it was, until the next try shrink_after_frames later.
  [[nodiscard]] Expected<bool> begin_frame();
  // The buffer was moved by somebody else, contents and all.
  void moved(const Allocation& after) { buffer_ = after; }

  [[nodiscard]] const Allocation& allocation() const { return buffer_; }
  [[nodiscard]] Bytes used() const { return used_; }
  [[nodiscard]] Bytes capacity() const { return capacity_; }

 private:
  [[nodiscard]] VkResult set_capacity(Bytes capacity);

  BufferResizer& resizer_;
  AdaptivePolicy policy_;
  Allocation buffer_;
  Bytes capacity_;
  Bytes used_;
};

}  // namespace vkmembench
