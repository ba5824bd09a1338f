#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "allocator/base/expected.h"
#include "allocator/device/device.h"
#include "allocator/strategy/strategy.h"

namespace vkmembench {

// The harness's own copies between host and device: staging buffers, readback buffers, command buffers and fences, made
// on a device below the recording layer so that they count for no strategy. Copies recorded in a frame are submitted
// when it ends; a staging buffer is used again once its frame's fence has signalled. Safe from any thread.
class Transfer {
 public:
  // Staging memory comes from `device` and counts against its limits; readback memory, which only checking needs, comes
  // from `unlimited`, a table below. Throws Error when the device gives no command pool or fence.
  Transfer(const Device& device, const Device& unlimited, std::uint32_t frames_in_flight);
  ~Transfer();  // waits for everything submitted
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Copies `size` bytes, written by `fill` into staging memory, to the start of the buffer. Refuses when staging memory
  // cannot be had. `mappable`: the host may map the buffer, so settle_copies() waits for it.
  VkResult upload_buffer(VkBuffer target, Bytes size, bool mappable,
                         const std::function<void(std::span<std::byte>)>& fill);
  // Copies whole subresources (mip by mip, layer by layer) until `size` bytes are reached, at least the first one;
  // `fill` is called once a subresource with its bytes and their offset in the tightly packed image. Returns the bytes
  // copied. The image ends in VK_IMAGE_LAYOUT_GENERAL; `fresh`: it has no contents yet.
  Expected<Bytes> upload_image(VkImage target, const ImageRequest& image, Bytes size, bool fresh,
                               const std::function<void(std::span<std::byte>, Offset)>& fill);
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
  // Call before the host reads or writes an object: waits for copies between objects, and into objects that the host
  // may map, that were recorded before.
  void settle_copies();

  // Forgets what was counted so far; staging memory held now counts on.
  void start_measuring();
  [[nodiscard]] Bytes staging_peak() const { return staging_peak_; }
  [[nodiscard]] std::uint64_t wait_count() const { return wait_count_; }
  [[nodiscard]] Bytes copied_bytes() const { return copied_bytes_; }

 private:
  struct Staging {
    VkBuffer buffer = VK_NULL_HANDLE;
    VkDeviceMemory memory = VK_NULL_HANDLE;
    std::byte* address = nullptr;
    Bytes size = 0;
    bool coherent = true;
    bool readback = false;
  };
  struct Slot {
    VkCommandBuffer commands = VK_NULL_HANDLE;
    VkFence fence = VK_NULL_HANDLE;
    bool recording = false;
    bool submitted = false;
    Bytes staged = 0;
    std::vector<Staging> staging;
  };

  [[nodiscard]] const Device& owner_of(const Staging& staging) const { return staging.readback ? unlimited_ : device_; }
  Expected<Staging> take_staging(Bytes size);
  Expected<Staging> make_staging(Bytes size, bool readback);
  void submitted_with(const Staging& staging, Bytes size);
  VkResult finish_readback(const Staging& staging);
  void destroy(const Staging& staging);
  VkCommandBuffer commands();
  void submit(Slot& slot);
  void wait(Slot& slot);
  void bound_staging();
  void submit_and_wait();
  VkResult synchronize(const Staging& staging, PFN_vkFlushMappedMemoryRanges function);

  Device device_;
  Device unlimited_;
  MemoryTypeOrders orders_;
  std::recursive_mutex mutex_;
  VkCommandPool pool_ = VK_NULL_HANDLE;
  std::vector<Slot> slots_;
  std::size_t current_ = 0;
  bool wait_every_frame_;
  bool copies_recorded_ = false;
  std::vector<Staging> free_;  // upload staging
  Bytes staging_bytes_ = 0;
  Bytes staging_peak_ = 0;
  std::uint64_t wait_count_ = 0;
  Bytes copied_bytes_ = 0;
};

}  // namespace vkmembench
