#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>

#include "allocator/base/expected.h"
#include "allocator/device/device.h"
#include "allocator/strategy/strategy.h"
#include "allocator/transfer/uploader.h"

namespace vkmembench {

// The harness's own copies between host and device, made on a device below the recording layer so that they count for
// no strategy: uploads through an Uploader, and readback. Copies recorded in a frame are submitted when it ends;
// staging memory is used again once its frame's fence has signalled. A device that takes no submission throws Error:
// what it was to copy is lost. Safe from any thread.
class Transfer {
 public:
  // Staging memory comes from `device` and counts against its limits: a ring of ring_bytes, halved to 64 KiB at least
  // while the device has no such ring, or for 0 a buffer an upload. Readback memory, which only checking needs, comes
  // from `unlimited`, a table below. Throws Error when the device gives no command pool, no fence or no ring.
  Transfer(const Device& device, const Device& unlimited, std::uint32_t frames_in_flight, Bytes ring_bytes = 0);

  // Copies `size` bytes, which `fill` writes piece by piece into staging memory, to the start of the buffer. Refuses
  // when staging memory cannot be had. `mappable`: the host may map the buffer, so settle_copies() waits for it.
  VkResult upload_buffer(VkBuffer target, Bytes size, bool mappable, const Uploader::Fill& fill);
  // As Uploader::upload_image().
  Expected<Bytes> upload_image(VkImage target, const ImageRequest& image, Bytes size, bool fresh,
                               const Uploader::Fill& fill);
  VkResult copy_buffer(VkBuffer from, VkBuffer to, Bytes size);

  // Copies from the device, waits, and hands the bytes to `look`. Everything recorded before is submitted first.
  VkResult read_buffer(VkBuffer source, Offset offset, Bytes size,
                       const std::function<void(std::span<const std::byte>)>& look);
  VkResult read_image(VkImage source, const ImageRequest& image, Bytes size,
                      const std::function<void(std::span<const std::byte>, Offset)>& look);

  // Submits what was recorded; waits for the frame that used this frame's slot before. With no frames in flight, waits.
  void end_frame();
  // Submits what was recorded and waits for everything.
  void finish();
  // The same, and leaves the queue to the caller as long as it keeps the answer.
  [[nodiscard]] std::unique_lock<std::mutex> finish_and_hold();
  // Call before the host reads or writes an object: waits for copies between objects, and into objects that the host
  // may map, that were recorded before.
  void settle_copies();

  // Forgets what was counted so far; staging memory held now counts on.
  void start_measuring();
  [[nodiscard]] Bytes staging_peak() const { return uploader_.staging_bytes(); }  // never shrinks
  [[nodiscard]] std::uint64_t wait_count() const { return uploader_.wait_count() - waits_before_; }
  [[nodiscard]] Bytes copied_bytes() const { return uploader_.copied_bytes() - copied_before_; }

 private:
  void finish_locked();
  [[nodiscard]] VkResult make_room(Bytes size);
  VkResult read(Bytes size, const std::function<void(VkCommandBuffer)>& record);

  Device device_;
  Device unlimited_;
  std::mutex mutex_;  // of the queue
  Uploader uploader_;
  std::optional<CommandRing> reads_;  // made when first needed
  HostBuffer room_;                   // what is read back goes here; as large as was needed so far
  bool copies_recorded_ = false;
  std::uint64_t waits_before_ = 0;  // start_measuring()
  Bytes copied_before_ = 0;
};

}  // namespace vkmembench
