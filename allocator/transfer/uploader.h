#pragma once

#include <vulkan/vulkan_core.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "allocator/transfer/copies.h"
#include "allocator/transfer/staging.h"

namespace vkmembench {

// Where a copy is from or to: a buffer, or else an image.
struct CopyEnd {
  VkBuffer buffer = VK_NULL_HANDLE;
  CopiedImage image{};
};

struct UploaderSettings {
  Bytes ring_bytes = 16 * kMiB;
  std::uint32_t frames_in_flight = 2;  // 0: each call waits for its copies
  std::uint64_t timeout_ns = kNoTimeout;
  // Told what became of each submission, before the call that made it returns. Must not call the uploader.
  std::function<void(VkResult)> on_submit = {};
};

// Copies bytes of the host to buffers and images through staging memory, in the order of the calls. Copies are
// submitted when their frame ends, or before when staging memory runs out: then the caller waits for the oldest ones.
// Uploads above the staging memory are cut into pieces. Safe from any thread; submits to the device's queue, which
// others use at other times only.
class Uploader {
 public:
  // Writes the next piece of what is uploaded, which begins at `offset` of it. Must not call the uploader.
  using Fill = std::function<void(std::span<std::byte> piece, Offset offset)>;

  // With a StagingRing of settings.ring_bytes, which throws Error when the device has none, or with staging memory of
  // the user's.
  explicit Uploader(const Device& device, const UploaderSettings& settings = {});
  Uploader(const Device& device, std::unique_ptr<Staging> staging, const UploaderSettings& settings);
  // Waits for what was submitted; what was recorded since is dropped: finish() first.
  ~Uploader() = default;
  Uploader(const Uploader&) = delete;
  Uploader& operator=(const Uploader&) = delete;

  // Each returns why it could not be recorded; parts of the target may have been overwritten then. VK_TIMEOUT: staging
  // memory did not come free in time. Later calls may succeed. Whenever a wait fails with anything else, here or below,
  // the device works on nothing any more.
  [[nodiscard]] VkResult upload_buffer(VkBuffer target, Offset offset, Bytes size, const Fill& fill);
  // Whole subresources in packed order (copies.h) until `size` bytes are reached, at least the first one; returns the
  // bytes copied. The image ends in VK_IMAGE_LAYOUT_GENERAL; `fresh`: it has no contents, and no layout, yet.
  // Requires a single-sampled image of a format in formats() with one aspect, or planes.
  [[nodiscard]] Expected<Bytes> upload_image(VkImage target, const VkImageCreateInfo& info, Bytes size, bool fresh,
                                             const Fill& fill);
  [[nodiscard]] VkResult copy_buffer(VkBuffer from, VkBuffer to, const VkBufferCopy& region);
  // The parts of an image: from or to a buffer, which has them at their bufferOffsets, or to the same of another image.
  // Images end in VK_IMAGE_LAYOUT_GENERAL. Requires an image at one end at least.
  [[nodiscard]] VkResult copy_parts(const CopyEnd& from, const CopyEnd& to, std::span<const Subresource> parts);

  // Submits what was recorded; waits for the frame that ended frames_in_flight - 1 frames before. Returns the first
  // failure to submit since the last end_frame() or finish(): the copies it was for are lost, although the calls that
  // recorded them succeeded. VK_TIMEOUT: submitted, not waited for.
  [[nodiscard]] VkResult end_frame();
  // Submits what was recorded and waits for everything. Returns likewise.
  [[nodiscard]] VkResult finish();

  // The ticket of what is recorded now, and whether anything is.
  [[nodiscard]] Ticket next_ticket() const;
  [[nodiscard]] bool is_recording() const;

  [[nodiscard]] std::uint64_t wait_count() const;  // uploads that waited for staging memory
  [[nodiscard]] Bytes copied_bytes() const;
  [[nodiscard]] Bytes staging_bytes() const;  // held

 private:
  Expected<StagingSlice> take(Bytes size, Bytes alignment, bool& waited);
  VkResult flush(const StagingSlice& slice);
  VkResult stage_parts(VkImage target, std::span<const Subresource> parts, Bytes alignment, bool fresh,
                       const Fill& fill, bool& waited);
  VkResult submit();
  VkResult submit_and_wait();
  VkResult wait_and_retire(Ticket ticket);
  VkResult end_call(bool waited);
  VkResult report(VkResult result);

  Device device_;
  UploaderSettings settings_;
  mutable std::mutex mutex_;
  std::unique_ptr<Staging> staging_;
  CommandRing commands_;        // after the staging memory, which goes when all is done
  std::vector<Ticket> frames_;  // the last ticket of each frame in flight
  std::size_t frame_ = 0;       // in frames_, the one that is recorded now
  VkResult failure_ = VK_SUCCESS;
  std::uint64_t wait_count_ = 0;
  Bytes copied_bytes_ = 0;
};

}  // namespace vkmembench
