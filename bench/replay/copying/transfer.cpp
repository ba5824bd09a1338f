#include "bench/replay/copying/transfer.h"

#include <algorithm>
#include <memory>

#include "allocator/base/error.h"
#include "allocator/transfer/staging_ring.h"
#include "bench/replay/copying/staging_buffers.h"

namespace vkmembench {
namespace {

std::unique_ptr<Staging> make_staging(const Device& device, Bytes ring_bytes) {
  for (; ring_bytes != 0; ring_bytes = ring_bytes / 2 < kSmallestStaging ? 0 : ring_bytes / 2) {
    try {
      return std::make_unique<StagingRing>(device, ring_bytes);
    } catch (const Error&) {  // the device has no such ring
      continue;
    }
  }
  return std::make_unique<StagingBuffers>(device);
}

}  // namespace

Transfer::Transfer(const Device& device, const Device& unlimited, std::uint32_t frames_in_flight, Bytes ring_bytes)
    : device_(device),
      unlimited_(unlimited),
      uploader_(device, make_staging(device, ring_bytes),
                {.frames_in_flight = frames_in_flight, .on_submit = [this](VkResult result) { tell(result); }}) {}

VkResult Transfer::upload_buffer(VkBuffer target, Bytes size, bool mappable, const Uploader::Fill& fill,
                                 const CopyNote& copy) {
  const std::lock_guard lock(mutex_);
  copies_recorded_ = copies_recorded_ || mappable;
  const Ticket before = uploader_.next_ticket();
  const VkResult result = uploader_.upload_buffer(target, 0, size, fill);
  if (result == VK_SUCCESS) note(copy, before);
  return result;
}

Expected<Bytes> Transfer::upload_image(VkImage target, const ImageRequest& image, Bytes size, bool fresh, bool mappable,
                                       const Uploader::Fill& fill, const CopyNote& copy) {
  const std::lock_guard lock(mutex_);
  copies_recorded_ = copies_recorded_ || mappable;
  const Ticket before = uploader_.next_ticket();
  const Expected<Bytes> copied = uploader_.upload_image(target, create_info(image), size, fresh, fill);
  if (!copied) return copied;
  CopyNote whole = copy;
  whole.size = *copied;
  note(whole, before);
  return copied;
}

VkResult Transfer::copy_buffer(VkBuffer from, VkBuffer to, Bytes size, const CopyNote& copy) {
  const std::lock_guard lock(mutex_);
  copies_recorded_ = true;
  const Ticket before = uploader_.next_ticket();
  const VkResult result = uploader_.copy_buffer(from, to, {0, 0, size});
  if (result == VK_SUCCESS) note(copy, before);
  return result;
}

VkResult Transfer::copy_parts(const CopyEnd& from, const CopyEnd& to, std::span<const Subresource> parts,
                              const CopyNote& copy) {
  const std::lock_guard lock(mutex_);
  copies_recorded_ = true;
  const Ticket before = uploader_.next_ticket();
  const VkResult result = uploader_.copy_parts(from, to, parts);
  if (result == VK_SUCCESS) note(copy, before);
  return result;
}

// Without frames in flight a copy that succeeds is done.
void Transfer::note(CopyNote copy, Ticket before) {
  if (copy.target == kNoObject) return;
  copy.cut = uploader_.next_ticket() != before;
  noted_.push_back(copy);
  if (!uploader_.is_recording()) tell(VK_SUCCESS);
}

void Transfer::tell(VkResult result) {
  if (submitted_ && !noted_.empty()) submitted_(noted_, result);
  noted_.clear();
}

VkResult Transfer::end_frame() {
  const std::lock_guard lock(mutex_);
  return uploader_.end_frame();
}

VkResult Transfer::finish() {
  const std::lock_guard lock(mutex_);
  return finish_locked();
}

VkResult Transfer::finish_copies_into(ObjectIndex target) {
  const std::lock_guard lock(mutex_);
  return std::ranges::find(noted_, target, &CopyNote::target) == noted_.end() ? VK_SUCCESS : finish_locked();
}

Transfer::Held Transfer::finish_and_hold() {
  Held held{std::unique_lock(mutex_)};
  held.result = finish_locked();
  return held;
}

VkResult Transfer::settle_copies() {
  const std::lock_guard lock(mutex_);
  return copies_recorded_ ? finish_locked() : VK_SUCCESS;
}

VkResult Transfer::finish_locked() {
  copies_recorded_ = false;
  return uploader_.finish();
}

// What was submitted before stays in flight, as if nobody read.
VkResult Transfer::submit_recorded() { return uploader_.is_recording() ? finish_locked() : VK_SUCCESS; }

void Transfer::start_measuring() {
  const std::lock_guard lock(mutex_);
  waits_before_ = uploader_.wait_count();
  copied_before_ = uploader_.copied_bytes();
}

// Memory that the device shares with the host is slow to make: it is kept.
VkResult Transfer::make_room(Bytes size) {
  if (room_.size() >= size) return VK_SUCCESS;
  room_ = HostBuffer();
  Expected<HostBuffer> made = HostBuffer::make(unlimited_, std::max(size, kSmallestStaging), MemoryUse::readback);
  if (!made) return made.result();
  room_ = std::move(*made);
  return VK_SUCCESS;
}

VkResult Transfer::read(Bytes size, const std::function<void(VkCommandBuffer)>& record) {
  if (const VkResult result = make_room(size); result != VK_SUCCESS) return result;
  if (!reads_) reads_.emplace(device_, 1);
  const Expected<VkCommandBuffer> commands = reads_->commands();
  if (!commands) return commands.result();
  record(*commands);
  VkResult result = reads_->submit();
  if (result == VK_SUCCESS) result = reads_->wait_all();
  if (result == VK_SUCCESS) return room_.invalidate(0, size);
  reads_->settle();
  return result;
}

VkResult Transfer::read_buffer(VkBuffer source, Offset offset, Bytes size,
                               const std::function<void(std::span<const std::byte>)>& look) {
  const std::lock_guard lock(mutex_);
  const VkResult earlier = submit_recorded();
  const VkResult result = read(size, [&](VkCommandBuffer commands) {
    record_buffer_copy(device_, commands, source, room_.handle(), {offset, 0, size});
  });
  if (result != VK_SUCCESS) return result;
  look({room_.address(), static_cast<std::size_t>(size)});
  return earlier;
}

VkResult Transfer::read_image(VkImage source, const ImageRequest& image, Bytes size,
                              const std::function<void(std::span<const std::byte>, Offset)>& look) {
  const std::lock_guard lock(mutex_);
  const VkResult earlier = submit_recorded();
  const std::vector<Subresource> parts = covering_subresources(create_info(image), size);
  const VkResult result = read(staged_bytes(parts), [&](VkCommandBuffer commands) {
    record_readback(device_, commands, source, room_.handle(), 0, parts);
  });
  if (result != VK_SUCCESS) return result;
  for (const Subresource& part : parts)
    look({room_.address() + part.region.bufferOffset, static_cast<std::size_t>(part.size)}, part.offset);
  return earlier;
}

}  // namespace vkmembench
