#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "allocator/transfer/command_ring.h"
#include "allocator/transfer/host_buffer.h"

namespace vkmembench {

// Bytes of a host buffer that copies of one submission read.
struct StagingSlice {
  const HostBuffer* buffer = nullptr;
  Offset offset = 0;
  std::span<std::byte> bytes;
  [[nodiscard]] VkResult flush() const { return buffer->flush(offset, bytes.size()); }
};

// Where an Uploader's bytes wait for the device. A slice belongs to the submission it was taken for and is taken again
// once that has retired; knowing when is the user's part. Not safe from several threads.
class Staging {
 public:
  virtual ~Staging() = default;  // Requires all submissions that read it to be done.
  // Bytes for copies that `ticket` will submit. VK_NOT_READY when there is room only after oldest() has retired;
  // anything else is the driver's refusal. Requires 0 < size <= largest_slice(), and a ticket not below earlier ones.
  [[nodiscard]] virtual Expected<StagingSlice> take(Bytes size, Bytes alignment, Ticket ticket) = 0;
  // Takes back at once what take() gave last. Requires that no copy of it was recorded.
  virtual void give_back(const StagingSlice& last) = 0;
  // Takes back the slices of all tickets up to `done`.
  virtual void retire(Ticket done) = 0;
  // The first ticket with slices that have not retired.
  [[nodiscard]] virtual std::optional<Ticket> oldest() const = 0;
  [[nodiscard]] virtual Bytes largest_slice() const = 0;
  [[nodiscard]] virtual Bytes held_bytes() const = 0;  // memory, in use or not; never shrinks
};

}  // namespace vkmembench
