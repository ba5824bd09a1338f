#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "allocator/base/expected.h"
#include "allocator/device/device.h"
#include "allocator/seam/strategy.h"
#include "allocator/transfer/uploader.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// A copy that was recorded, in the words of its caller.
struct CopyNote {
  ObjectIndex target = kNoObject;  // none: nobody is told of the copy
  ObjectIndex source = kNoObject;  // none: an upload
  Bytes size = 0;
  std::uint64_t position = 0;  // of the event
  bool fresh = false;          // an image that gets its layout with it
  bool source_fresh = false;   // likewise the source
  bool source_opaque = false;  // it holds nothing that the target's bytes say
  bool cut = false;            // parts of it may have been submitted before
};

// The harness's own copies between host and device, made on a device below the recording layer so that they count for
// no strategy: uploads through an Uploader, and readback. Copies recorded in a frame are submitted when it ends;
// staging memory is used again once its frame's fence has signalled. What the device does not take in is not copied;
// once a wait has failed the device works on nothing any more. Safe from any thread.
class Transfer {
 public:
  // Staging memory comes from `device` and counts against its limits: a ring of ring_bytes, halved to 64 KiB at least
  // while the device has no such ring; a buffer an upload for 0, or when there is no ring. Readback memory, which only
  // checking needs, comes from `unlimited`, a table below.
  Transfer(const Device& device, const Device& unlimited, std::uint32_t frames_in_flight, Bytes ring_bytes = 0);

  // Told of copies that were recorded, in their order, once they were submitted or could not be. Must not call the
  // transfer. Set it before the first copy.
  using Submitted = std::function<void(std::span<const CopyNote> copies, VkResult result)>;
  void on_submitted(Submitted submitted) { submitted_ = std::move(submitted); }

  // Copies `size` bytes, which `fill` writes piece by piece into staging memory, to the start of the buffer. Refuses
  // when staging memory cannot be had, or the device records nothing. `mappable`: the host may map the buffer, so
  // settle_copies() waits for it.
  VkResult upload_buffer(VkBuffer target, Bytes size, bool mappable, const Uploader::Fill& fill,
                         const CopyNote& note = {});
  // As Uploader::upload_image(); `mappable` likewise.
  Expected<Bytes> upload_image(VkImage target, const ImageRequest& image, Bytes size, bool fresh, bool mappable,
                               const Uploader::Fill& fill, const CopyNote& note = {});
  VkResult copy_buffer(VkBuffer from, VkBuffer to, Bytes size, const CopyNote& note = {});
  VkResult copy_parts(const CopyEnd& from, const CopyEnd& to, std::span<const Subresource> parts,
                      const CopyNote& note = {});  // as Uploader::copy_parts()

  // Copies from the device, waits, and hands the bytes to `look`. Everything recorded before is submitted first; its
  // failure is returned, but no hindrance.
  VkResult read_buffer(VkBuffer source, Offset offset, Bytes size,
                       const std::function<void(std::span<const std::byte>)>& look);
  VkResult read_image(VkImage source, const ImageRequest& image, Bytes size,
                      const std::function<void(std::span<const std::byte>, Offset)>& look);

  // Submits what was recorded; waits for the frame that used this frame's slot before. With no frames in flight, waits.
  // Returns the first failure of a submission since the last call of this or finish(), else of the wait.
  [[nodiscard]] VkResult end_frame();
  // Submits what was recorded and waits for everything. Returns likewise.
  [[nodiscard]] VkResult finish();
  // The same, if a copy into the object was recorded that is not submitted yet.
  [[nodiscard]] VkResult finish_copies_into(ObjectIndex target);
  // As finish(), and leaves the queue to the caller as long as it keeps the lock.
  struct Held {
    std::unique_lock<std::mutex> queue;
    VkResult result = VK_SUCCESS;
  };
  [[nodiscard]] Held finish_and_hold();
  // Leaves the queue to the caller as long as it keeps the lock, for work that touches nothing that is copied.
  [[nodiscard]] std::unique_lock<std::mutex> hold_queue() { return std::unique_lock(mutex_); }
  // Call before the host reads or writes an object: waits for copies between objects, and into objects that the host
  // may map, that were recorded before. Returns as finish().
  [[nodiscard]] VkResult settle_copies();

  // Forgets what was counted so far; staging memory held now counts on.
  void start_measuring();
  [[nodiscard]] Bytes staging_peak() const { return uploader_.staging_bytes(); }  // never shrinks
  [[nodiscard]] std::uint64_t wait_count() const { return uploader_.wait_count() - waits_before_; }
  [[nodiscard]] Bytes copied_bytes() const { return uploader_.copied_bytes() - copied_before_; }

 private:
  [[nodiscard]] VkResult finish_locked();
  [[nodiscard]] VkResult submit_recorded();
  void note(CopyNote copy, Ticket before);
  void tell(VkResult result);
  [[nodiscard]] VkResult make_room(Bytes size);
  VkResult read(Bytes size, const std::function<void(VkCommandBuffer)>& record);

  Device device_;
  Device unlimited_;
  std::mutex mutex_;  // of the queue
  Submitted submitted_;
  std::vector<CopyNote> noted_;  // recorded since the last submission
  Uploader uploader_;
  std::optional<CommandRing> reads_;  // made when first needed
  HostBuffer room_;                   // what is read back goes here; as large as was needed so far
  bool copies_recorded_ = false;
  std::uint64_t waits_before_ = 0;  // start_measuring()
  Bytes copied_before_ = 0;
};

}  // namespace vkmembench
