#pragma once

#include <deque>

#include "allocator/transfer/staging.h"

namespace vkmembench {

// One persistently mapped buffer, handed out front to back and round again.
class StagingRing : public Staging {
 public:
  // Throws Error (out_of_memory) when the device has no such buffer. Requires capacity > 0.
  StagingRing(const Device& device, Bytes capacity);
  StagingRing(const StagingRing&) = delete;
  StagingRing& operator=(const StagingRing&) = delete;

  [[nodiscard]] Expected<StagingSlice> take(Bytes size, Bytes alignment, Ticket ticket) override;
  void give_back(const StagingSlice& last) override;
  void retire(Ticket done) override;
  [[nodiscard]] std::optional<Ticket> oldest() const override;
  // Half the ring, so that the host fills one slice while the device reads another.
  [[nodiscard]] Bytes largest_slice() const override { return (capacity() + 1) / 2; }
  [[nodiscard]] Bytes held_bytes() const override { return capacity(); }

 private:
  struct Use {
    Ticket ticket;
    Offset end;
  };
  [[nodiscard]] Bytes capacity() const { return buffer_.size(); }

  Device device_;
  HostBuffer buffer_;
  // Bytes ever passed: the place in the ring is the rest by its capacity. In use are [tail_, head_).
  Offset head_ = 0;
  Offset tail_ = 0;
  Offset head_before_ = 0;  // the last take()
  std::deque<Use> uses_;    // by ticket, one each
};

}  // namespace vkmembench
