#include "bench/replay/transfer.h"

#include <algorithm>
#include <memory>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "allocator/transfer/staging_ring.h"
#include "bench/replay/staging_buffers.h"

namespace vkmembench {
namespace {

void require(VkResult result, const char* what) {
  if (result != VK_SUCCESS)
    throw Error(std::string(what) + " failed: " + result_name(result) + "; the device cannot be used further",
                ExitCode::internal);
}

constexpr Bytes kSmallestStaging = 64 * kKiB;

std::unique_ptr<Staging> make_staging(const Device& device, Bytes ring_bytes) {
  if (ring_bytes == 0) return std::make_unique<StagingBuffers>(device);
  while (true) {
    try {
      return std::make_unique<StagingRing>(device, ring_bytes);
    } catch (const Error&) {
      if (ring_bytes / 2 < kSmallestStaging) throw;
      ring_bytes /= 2;
    }
  }
}

}  // namespace

Transfer::Transfer(const Device& device, const Device& unlimited, std::uint32_t frames_in_flight, Bytes ring_bytes)
    : device_(device),
      unlimited_(unlimited),
      uploader_(device, make_staging(device, ring_bytes), {.frames_in_flight = frames_in_flight}) {}

VkResult Transfer::upload_buffer(VkBuffer target, Bytes size, bool mappable, const Uploader::Fill& fill) {
  const std::lock_guard lock(mutex_);
  copies_recorded_ = copies_recorded_ || mappable;
  return uploader_.upload_buffer(target, 0, size, fill);
}

Expected<Bytes> Transfer::upload_image(VkImage target, const ImageRequest& image, Bytes size, bool fresh,
                                       const Uploader::Fill& fill) {
  const std::lock_guard lock(mutex_);
  return uploader_.upload_image(target, create_info(image), size, fresh, fill);
}

VkResult Transfer::copy_buffer(VkBuffer from, VkBuffer to, Bytes size) {
  const std::lock_guard lock(mutex_);
  copies_recorded_ = true;
  return uploader_.copy_buffer(from, to, {0, 0, size});
}

void Transfer::end_frame() {
  const std::lock_guard lock(mutex_);
  require(uploader_.end_frame(), "copying");
}

void Transfer::finish() {
  const std::lock_guard lock(mutex_);
  finish_locked();
}

std::unique_lock<std::mutex> Transfer::finish_and_hold() {
  std::unique_lock lock(mutex_);
  finish_locked();
  return lock;
}

void Transfer::settle_copies() {
  const std::lock_guard lock(mutex_);
  if (copies_recorded_) finish_locked();
}

void Transfer::finish_locked() {
  require(uploader_.finish(), "copying");
  copies_recorded_ = false;
}

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
  finish_locked();
  if (!reads_) reads_.emplace(device_, 1);
  const Expected<VkCommandBuffer> commands = reads_->commands();
  require(commands.result(), "beginning a command buffer");
  record(*commands);
  require(reads_->submit(), "submitting copies");
  require(reads_->wait_all(), "waiting for copies");
  return room_.invalidate(0, size);
}

VkResult Transfer::read_buffer(VkBuffer source, Offset offset, Bytes size,
                               const std::function<void(std::span<const std::byte>)>& look) {
  const std::lock_guard lock(mutex_);
  const VkResult result = read(size, [&](VkCommandBuffer commands) {
    record_buffer_copy(device_, commands, source, room_.handle(), {offset, 0, size});
  });
  if (result == VK_SUCCESS) look({room_.address(), static_cast<std::size_t>(size)});
  return result;
}

VkResult Transfer::read_image(VkImage source, const ImageRequest& image, Bytes size,
                              const std::function<void(std::span<const std::byte>, Offset)>& look) {
  const std::lock_guard lock(mutex_);
  const std::vector<Subresource> parts = subresources(create_info(image), size);
  const VkResult result = read(staged_bytes(parts), [&](VkCommandBuffer commands) {
    record_readback(device_, commands, source, room_.handle(), 0, parts);
  });
  if (result != VK_SUCCESS) return result;
  for (const Subresource& part : parts)
    look({room_.address() + part.region.bufferOffset, static_cast<std::size_t>(part.size)}, part.offset);
  return VK_SUCCESS;
}

}  // namespace vkmembench
