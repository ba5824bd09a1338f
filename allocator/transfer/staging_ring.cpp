#include "allocator/transfer/staging_ring.h"

#include <string>
#include <utility>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"

namespace vkmembench {

StagingRing::StagingRing(const Device& device, Bytes capacity) : device_(device) {
  Expected<HostBuffer> made = HostBuffer::make(device_, capacity, MemoryUse::upload);
  if (!made)
    throw Error(device.info->name + ": no staging ring of " + std::to_string(capacity) +
                    " bytes: " + result_name(made.result()) + "; choose a smaller ring",
                ErrorKind::out_of_memory);
  buffer_ = std::move(*made);
}

Expected<StagingSlice> StagingRing::take(Bytes size, Bytes alignment, Ticket ticket) {
  VKMEMBENCH_CHECK(size > 0 && size <= largest_slice(), "a slice that the staging ring cannot give");
  VKMEMBENCH_CHECK(uses_.empty() || uses_.back().ticket <= ticket, "a ticket below an earlier one");
  if (uses_.empty()) head_ = tail_ = 0;
  const Offset lap = head_ - head_ % capacity();
  Offset begin = lap + (head_ - lap + alignment - 1) / alignment * alignment;
  if (begin + size > lap + capacity()) begin = lap + capacity();
  if (begin + size - tail_ > capacity()) return VK_NOT_READY;
  head_before_ = std::exchange(head_, begin + size);
  if (uses_.empty() || uses_.back().ticket != ticket) uses_.push_back({ticket, head_});
  uses_.back().end = head_;
  const Offset offset = begin % capacity();
  return StagingSlice{&buffer_, offset, {buffer_.address() + offset, static_cast<std::size_t>(size)}};
}

void StagingRing::give_back(const StagingSlice& last) {
  VKMEMBENCH_CHECK(!uses_.empty() && last.offset + last.bytes.size() == head_ - (head_ - 1) / capacity() * capacity(),
                   "a slice that was not the last");
  head_ = head_before_;
  const Offset first = uses_.size() > 1 ? uses_[uses_.size() - 2].end : tail_;
  uses_.back().end = head_;
  if (head_ == first) uses_.pop_back();
}

void StagingRing::retire(Ticket done) {
  for (; !uses_.empty() && uses_.front().ticket <= done; uses_.pop_front()) tail_ = uses_.front().end;
}

std::optional<Ticket> StagingRing::oldest() const {
  return uses_.empty() ? std::nullopt : std::optional(uses_.front().ticket);
}

}  // namespace vkmembench
