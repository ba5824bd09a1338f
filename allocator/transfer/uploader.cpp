#include "allocator/transfer/uploader.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "allocator/transfer/staging_ring.h"

namespace vkmembench {
namespace {

constexpr Bytes kBufferAlignment = 16;  // for the host's copies into staging memory

}  // namespace

Uploader::Uploader(const Device& device, const UploaderSettings& settings)
    : Uploader(device, std::make_unique<StagingRing>(device, settings.ring_bytes), settings) {}

Uploader::Uploader(const Device& device, std::unique_ptr<Staging> staging, const UploaderSettings& settings)
    : device_(device),
      settings_(settings),
      staging_(std::move(staging)),
      commands_(device, settings.frames_in_flight + 2),
      frames_(std::max(1u, settings.frames_in_flight)) {
  commands_.prepare();  // no frame waits for that
}

// Retires at a full ring, a frame's end and finish() only, never by asking fences: where uploads wait is then a matter
// of what is uploaded and not of how fast the device is.
Expected<StagingSlice> Uploader::take(Bytes size, Bytes alignment, bool& waited) {
  while (true) {
    // First, so that a slice's ticket is one that will be submitted.
    if (const auto commands = commands_.commands(settings_.timeout_ns); !commands) return commands.result();
    const Expected<StagingSlice> slice = staging_->take(size, alignment, commands_.next_ticket());
    if (slice || slice.result() != VK_NOT_READY) return slice;
    waited = true;
    const std::optional<Ticket> oldest = staging_->oldest();
    VKMEMBENCH_CHECK(oldest, "staging memory that is full and empty");
    VkResult result = *oldest == commands_.next_ticket() ? submit() : VK_SUCCESS;
    if (result == VK_SUCCESS) result = wait_and_retire(*oldest);
    if (result != VK_SUCCESS) return result;
  }
}

VkResult Uploader::flush(const StagingSlice& slice) {
  const VkResult result = slice.flush();
  if (result != VK_SUCCESS) staging_->give_back(slice);
  return result;
}

VkResult Uploader::upload_buffer(VkBuffer target, Offset offset, Bytes size, const Fill& fill) {
  const std::lock_guard lock(mutex_);
  bool waited = false;
  VkResult result = VK_SUCCESS;
  for (Offset at = 0; at < size && result == VK_SUCCESS;) {
    const Bytes bytes = std::min(size - at, staging_->largest_slice());
    const Expected<StagingSlice> slice = take(bytes, kBufferAlignment, waited);
    result = slice.result();
    if (!slice) break;
    fill(slice->bytes, at);
    result = flush(*slice);
    if (result != VK_SUCCESS) break;
    record_buffer_copy(device_, *commands_.commands(), slice->buffer->handle(), target,
                       {slice->offset, offset + at, bytes});
    copied_bytes_ += bytes;
    at += bytes;
  }
  const VkResult ended = end_call(waited);
  return result != VK_SUCCESS ? result : ended;
}

Expected<Bytes> Uploader::upload_image(VkImage target, const VkImageCreateInfo& info, Bytes size, bool fresh,
                                       const Fill& fill) {
  const std::lock_guard lock(mutex_);
  const Bytes limit = staging_->largest_slice();
  const Bytes alignment = std::lcm(staging_alignment(info.format),
                                   std::max<Bytes>(1, device_.info->limits.optimalBufferCopyOffsetAlignment));
  const std::vector<Subresource> all = subresources(info, size);
  std::span<const Subresource> rest = all;
  bool waited = false;
  VkResult result = VK_SUCCESS;
  const auto stage = [&](std::span<const Subresource> parts) {
    if (result == VK_SUCCESS) result = stage_parts(target, parts, alignment, std::exchange(fresh, false), fill, waited);
  };
  while (!rest.empty() && result == VK_SUCCESS) {
    std::size_t count = 0;
    while (count < rest.size() && staged_bytes(rest.first(count + 1)) <= limit) ++count;
    if (count > 0) {
      stage(rest.first(count));
    } else {
      for (const Subresource& piece : pieces(info, rest[count++], limit)) stage({&piece, 1});
    }
    rest = rest.subspan(count);
  }
  const VkResult ended = end_call(waited);
  if (result == VK_SUCCESS) result = ended;
  if (result != VK_SUCCESS) return result;
  return packed_bytes(all);
}

VkResult Uploader::stage_parts(VkImage target, std::span<const Subresource> parts, Bytes alignment, bool fresh,
                               const Fill& fill, bool& waited) {
  const Expected<StagingSlice> slice = take(staged_bytes(parts), alignment, waited);
  if (!slice) return slice.result();
  for (const Subresource& part : parts)
    fill(slice->bytes.subspan(part.region.bufferOffset - parts.front().region.bufferOffset, part.size), part.offset);
  if (const VkResult result = flush(*slice); result != VK_SUCCESS) return result;
  record_upload(device_, *commands_.commands(), slice->buffer->handle(), slice->offset, target, parts, fresh);
  copied_bytes_ += packed_bytes(parts) - parts.front().offset;
  return VK_SUCCESS;
}

VkResult Uploader::copy_buffer(VkBuffer from, VkBuffer to, const VkBufferCopy& region) {
  const std::lock_guard lock(mutex_);
  const Expected<VkCommandBuffer> commands = commands_.commands(settings_.timeout_ns);
  if (!commands) return commands.result();
  record_buffer_copy(device_, *commands, from, to, region);
  copied_bytes_ += region.size;
  return end_call(false);
}

VkResult Uploader::copy_parts(const CopyEnd& from, const CopyEnd& to, std::span<const Subresource> parts) {
  const std::lock_guard lock(mutex_);
  const Expected<VkCommandBuffer> commands = commands_.commands(settings_.timeout_ns);
  if (!commands) return commands.result();
  const Offset begin = parts.front().region.bufferOffset;
  if (from.buffer != VK_NULL_HANDLE)
    record_upload(device_, *commands, from.buffer, begin, to.image.handle, parts, to.image.fresh);
  else if (to.buffer != VK_NULL_HANDLE)
    record_readback(device_, *commands, from.image.handle, to.buffer, begin, parts, from.image.fresh);
  else
    record_part_copy(device_, *commands, from.image, to.image, parts);
  copied_bytes_ += packed_bytes(parts) - parts.front().offset;
  return end_call(false);
}

VkResult Uploader::end_frame() {
  const std::lock_guard lock(mutex_);
  static_cast<void>(submit());  // reported below
  frames_[frame_] = commands_.last_ticket();
  frame_ = (frame_ + 1) % frames_.size();
  return report(wait_and_retire(frames_[frame_]));
}

VkResult Uploader::finish() {
  const std::lock_guard lock(mutex_);
  return report(submit_and_wait());
}

VkResult Uploader::end_call(bool waited) {
  if (waited) ++wait_count_;
  return settings_.frames_in_flight == 0 ? submit_and_wait() : VK_SUCCESS;
}

VkResult Uploader::submit() {
  const VkResult result = commands_.submit();
  if (failure_ == VK_SUCCESS) failure_ = result;
  if (settings_.on_submit) settings_.on_submit(result);
  return result;
}

VkResult Uploader::submit_and_wait() {
  const VkResult submitted = submit();
  const VkResult waited = wait_and_retire(commands_.last_ticket());
  return submitted != VK_SUCCESS ? submitted : waited;
}

VkResult Uploader::wait_and_retire(Ticket ticket) {
  const VkResult result = commands_.wait_for(ticket, settings_.timeout_ns);
  if (result == VK_TIMEOUT) return result;
  if (result != VK_SUCCESS) commands_.settle();
  staging_->retire(result == VK_SUCCESS ? ticket : commands_.last_ticket());
  return result;
}

VkResult Uploader::report(VkResult result) {
  return failure_ != VK_SUCCESS ? std::exchange(failure_, VK_SUCCESS) : result;
}

Ticket Uploader::next_ticket() const {
  const std::lock_guard lock(mutex_);
  return commands_.next_ticket();
}

bool Uploader::is_recording() const {
  const std::lock_guard lock(mutex_);
  return commands_.is_recording();
}

std::uint64_t Uploader::wait_count() const {
  const std::lock_guard lock(mutex_);
  return wait_count_;
}

Bytes Uploader::copied_bytes() const {
  const std::lock_guard lock(mutex_);
  return copied_bytes_;
}

Bytes Uploader::staging_bytes() const {
  const std::lock_guard lock(mutex_);
  return staging_->held_bytes();
}

}  // namespace vkmembench
