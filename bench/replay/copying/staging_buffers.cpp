#include "bench/replay/copying/staging_buffers.h"

#include <algorithm>
#include <bit>

namespace vkmembench {
namespace {

// A submission that has staged this much stages no more.
constexpr Bytes kStagedBound = 64 * kMiB;
}  // namespace

Expected<StagingSlice> StagingBuffers::take(Bytes size, Bytes /*alignment*/, Ticket ticket) {
  if (ticket != newest_) staged_ = 0;
  newest_ = ticket;
  if (staged_ >= kStagedBound) return VK_NOT_READY;
  const Bytes rounded = std::max(kSmallestStaging, std::bit_ceil(size));
  const auto found = std::ranges::find(free_, rounded, &HostBuffer::size);
  HostBuffer* buffer = nullptr;
  if (found != free_.end()) {
    buffer = std::exchange(*found, free_.back());
    free_.pop_back();
  } else {
    Expected<HostBuffer> made = HostBuffer::make(device_, rounded, MemoryUse::upload);
    if (!made) return made.result();
    buffer = &buffers_.emplace_back(std::move(*made));
    held_bytes_ += rounded;
  }
  staged_ += size;
  uses_.push_back({ticket, buffer});
  return StagingSlice{buffer, 0, {buffer->address(), static_cast<std::size_t>(size)}};
}

void StagingBuffers::give_back(const StagingSlice& last) {
  VKMEMBENCH_CHECK(!uses_.empty() && uses_.back().buffer == last.buffer, "a slice that was not the last");
  free_.push_back(uses_.back().buffer);
  uses_.pop_back();
  staged_ -= last.bytes.size();
}

void StagingBuffers::retire(Ticket done) {
  for (; !uses_.empty() && uses_.front().ticket <= done; uses_.pop_front()) free_.push_back(uses_.front().buffer);
}

std::optional<Ticket> StagingBuffers::oldest() const {
  return uses_.empty() ? std::nullopt : std::optional(uses_.front().ticket);
}

}  // namespace vkmembench
