#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "allocator/transfer/staging.h"

namespace vkmembench {

constexpr Bytes kSmallestStaging = 64 * kKiB;  // as a ring and as a buffer

// A staging buffer for each upload, its size rounded up to a power of two, used again for uploads of that size: what a
// program without a ring does. A submission stages a bounded number of bytes.
class StagingBuffers : public Staging {
 public:
  explicit StagingBuffers(const Device& device) : device_(device) {}
  StagingBuffers(const StagingBuffers&) = delete;
  StagingBuffers& operator=(const StagingBuffers&) = delete;

  [[nodiscard]] Expected<StagingSlice> take(Bytes size, Bytes alignment, Ticket ticket) override;
  void give_back(const StagingSlice& last) override;
  void retire(Ticket done) override;
  [[nodiscard]] std::optional<Ticket> oldest() const override;
  [[nodiscard]] Bytes largest_slice() const override { return ~Bytes{0}; }
  [[nodiscard]] Bytes held_bytes() const override { return held_bytes_; }

 private:
  struct Use {
    Ticket ticket;
    HostBuffer* buffer;
  };

  Device device_;
  std::deque<HostBuffer> buffers_;
  std::vector<HostBuffer*> free_;
  std::deque<Use> uses_;  // by ticket
  Ticket newest_ = 0;
  Bytes staged_ = 0;  // for the newest ticket
  Bytes held_bytes_ = 0;
};

}  // namespace vkmembench
