#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <vector>

#include "allocator/core/allocator.h"
#include "allocator/core/upkeep/mover.h"

namespace vkmembench {

struct ResizeTotals {
  std::uint64_t grown = 0;
  std::uint64_t shrunk = 0;
  Bytes copied_bytes = 0;
};

// Gives an allocator's buffers new sizes: makes each anew, lets the device copy what both sizes hold at the same
// offsets, and destroys the old one. Waits for the device each time.
class BufferResizer {
 public:
  // Requires an allocator that outlives it.
  explicit BufferResizer(Allocator& allocator) : allocator_(allocator), moved_(&allocator.memory()) {}

  // The answer, of exactly that size, stands for the buffer from now on. A failure leaves it as it was:
  // VK_ERROR_FEATURE_NOT_PRESENT for images, aliases and what cannot move (see Mover), VK_ERROR_OUT_OF_HOST_MEMORY
  // without memory for metadata, or what the driver says. Requires size > 0, that what the device does with the buffer
  // was submitted to the device's queue, and that no other thread uses that or the buffer.
  [[nodiscard]] Expected<Allocation> resize(const Allocation& buffer, Bytes size);

  [[nodiscard]] const ResizeTotals& totals() const { return totals_; }
  [[nodiscard]] Allocator& allocator() const { return allocator_; }

 private:
  [[nodiscard]] VkResult move(const Allocation& buffer, const MoveTarget& target);

  Allocator& allocator_;
  std::optional<Mover> mover_;  // made when first needed
  std::pmr::vector<Moved> moved_;
  ResizeTotals totals_;
};

}  // namespace vkmembench
