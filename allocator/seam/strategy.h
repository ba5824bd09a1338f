#pragma once

#include <vulkan/vulkan_core.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/base/expected.h"
#include "allocator/device/memory_info.h"
#include "allocator/device/memory_use.h"
#include "allocator/seam/allocation.h"
#include "allocator/seam/buffer_kind.h"
#include "allocator/seam/defragment.h"
#include "allocator/seam/figure.h"
#include "allocator/seam/image_dimensions.h"
#include "allocator/seam/resource_part.h"
#include "allocator/seam/strategy_listener.h"

namespace vkmembench {

// What the requests for buffers and images have in common.
struct ResourceRequest {
  MemoryChoice memory = {};
  bool evictable = false;
  bool shared = false;     // aliases will be created in its memory, so nothing is dedicated to it in Vulkan's sense
  bool dedicated = false;  // the program gives it memory of its own
  std::uint16_t lane = 0;
  float priority = kDefaultPriority;                   // from 0 to 1, as in VK_EXT_memory_priority
  VkExternalMemoryHandleTypeFlags export_handles = 0;  // other APIs and processes get its memory by these
  std::uint64_t user = 0;                              // what a StrategyListener is told of it
};

// A buffer as the trace asks for it. Usage already holds transfer source and destination unless memory is transient.
struct BufferRequest : ResourceRequest {
  Bytes size = 0;
  Bytes alignment = 0;  // power of two asked beyond the device's, 0 for none
  VkBufferUsageFlags usage = 0;
  VkBufferCreateFlags flags = 0;
  BufferKind kind = BufferKind::none;
  std::string_view pool = {};  // a named pool that should serve it, where the strategy has one; else empty
};

// An image as the trace asks for it, with a format the device supports.
struct ImageRequest : ResourceRequest {
  VkFormat format = VK_FORMAT_UNDEFINED;
  VkExtent3D extent{};
  std::uint32_t mips = 1;
  std::uint32_t layers = 1;
  VkSampleCountFlagBits samples = VK_SAMPLE_COUNT_1_BIT;
  VkImageTiling tiling = VK_IMAGE_TILING_OPTIMAL;
  VkImageUsageFlags usage = 0;
  VkImageCreateFlags flags = 0;
  ImageDimensions type = ImageDimensions::by_extent;
  std::span<const VkFormat> view_formats = {};  // of views, with VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT; empty: any
};

// Memory for a part of a resource, of which the strategy makes and binds nothing.
struct PartRequest : ResourceRequest {
  ResourcePart part;
};

// What Vulkan is told of a request, but for what stands in a chain of structures.
[[nodiscard]] VkBufferCreateInfo create_info(const BufferRequest& request);
[[nodiscard]] VkImageCreateInfo create_info(const ImageRequest& request);

// The same with its chain, which lives as long as this.
class ChainedBufferInfo {
 public:
  explicit ChainedBufferInfo(const BufferRequest& request);
  ChainedBufferInfo(const ChainedBufferInfo&) = delete;
  ChainedBufferInfo& operator=(const ChainedBufferInfo&) = delete;
  [[nodiscard]] const VkBufferCreateInfo& get() const { return info_; }

 private:
  VkBufferCreateInfo info_;
  VkExternalMemoryBufferCreateInfo external_{};
};
class ChainedImageInfo {
 public:
  explicit ChainedImageInfo(const ImageRequest& request);
  ChainedImageInfo(const ChainedImageInfo&) = delete;
  ChainedImageInfo& operator=(const ChainedImageInfo&) = delete;
  [[nodiscard]] const VkImageCreateInfo& get() const { return info_; }

 private:
  VkImageCreateInfo info_;
  VkExternalMemoryImageCreateInfo external_{};
  VkImageFormatListCreateInfo formats_{};
};
[[nodiscard]] inline ChainedBufferInfo chained_info(const BufferRequest& request) { return ChainedBufferInfo(request); }
[[nodiscard]] inline ChainedImageInfo chained_info(const ImageRequest& request) { return ChainedImageInfo(request); }

// A pool of a strategy as it stands now, in the words of VMA's statistics.
struct PoolStatistics {
  std::string name;
  std::uint32_t memory_type = 0;
  std::uint32_t block_count = 0;
  std::uint32_t allocation_count = 0;
  Bytes block_bytes = 0;
  Bytes allocation_bytes = 0;
};

// One way to turn requests into memory: what the replay drives. Made on a Device that outlives it; destroying it gives
// back everything it holds of its own (blocks, metadata), while resources still live then are leaks that the harness
// reports. Calls from several threads at once are safe when the requests' lanes say which thread asks. Everything is
// abstract, so that what wraps a strategy misses no call; BasicStrategy has defaults for what a strategy need not do.
class Strategy {
 public:
  virtual ~Strategy() = default;

  virtual void start(const StrategyHost& host) = 0;

  // Creates the resource, gives it memory and binds it. A refusal leaves nothing behind.
  virtual Expected<Allocation> create_buffer(const BufferRequest& request) = 0;
  virtual Expected<Allocation> create_image(const ImageRequest& request) = 0;
  // Several buffers that differ only in size, results in the order of `sizes`. Partial: each item succeeds or says why
  // not. Item i has the user common.user + i. Requires results.size() == sizes.size().
  virtual void create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                              std::span<Expected<Allocation>> results) = 0;
  // Creates the resource in the memory that a live one has or shares, `offset` bytes behind the begin of that one and
  // within what was allocated for the first there. What is written to one is undefined in all that overlap it. The
  // memory stays until the last of them is destroyed, in whatever order. VK_ERROR_FEATURE_NOT_PRESENT: cannot, or not
  // here; then it needs memory of its own. Requires a target that was asked for as `shared`, or is such an alias.
  virtual Expected<Allocation> create_alias(const BufferRequest& request, const Allocation& target, Offset offset) = 0;
  virtual Expected<Allocation> create_alias(const ImageRequest& request, const Allocation& target, Offset offset) = 0;
  // Memory that stays where it is until destroy(), of which nothing is bound here. VK_ERROR_FEATURE_NOT_PRESENT:
  // cannot.
  virtual Expected<Allocation> create_part(const PartRequest& request) = 0;
  // Makes the buffer hold request.size bytes, keeping what both sizes hold; the answer stands for it from now on. A
  // refusal leaves it as it was. VK_ERROR_FEATURE_NOT_PRESENT: cannot. Requires everything that the device does with
  // the buffer to be submitted.
  virtual Expected<Allocation> resize(const Allocation& allocation, const BufferRequest& request) = 0;
  // Destroys the resource, unless it is a part, and gives its memory back. Requires an allocation of this strategy that
  // nobody destroyed.
  virtual void destroy(const Allocation& allocation, std::uint16_t lane) = 0;

  // Makes the resource's bytes readable and writable at the returned address until the matching unmap; maps nest.
  // Requires memory of a host-visible type. nullptr from a strategy without memory (`null`).
  virtual Expected<std::byte*> map(const Allocation& allocation) = 0;
  virtual void unmap(const Allocation& allocation) = 0;
  // Makes host writes in [offset, offset + size) visible to the device, or device writes to the host, whatever the
  // memory type's coherence. Offsets are within the resource; Requires it to be mapped.
  virtual VkResult flush(const Allocation& allocation, Offset offset, Bytes size) = 0;
  virtual VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) = 0;

  // Frame n begins; every free of frames before n - frames_in_flight was given to destroy() already. Allocations may
  // move or be evicted meanwhile. Requires everything recorded for the device to be submitted.
  virtual void begin_frame(std::uint64_t n) = 0;

  // The device or the host uses the allocation in this frame.
  virtual void touch(const Allocation& allocation) = 0;
  // The image has contents and stays in VK_IMAGE_LAYOUT_GENERAL from now on; before, moves leave its contents behind.
  virtual void has_contents(const Allocation& allocation) = 0;
  // For the next defragmentation of marked allocations. Like the two below VK_ERROR_FEATURE_NOT_PRESENT: cannot.
  virtual VkResult mark(const Allocation& allocation) = 0;
  // Starts a defragmentation that goes on in the frames to come, a bounded number of passes in each.
  virtual VkResult defragment(const DefragmentRequest& request) = 0;
  // Gives a storage buffer a slot in an array of descriptors until unbind() or destroy().
  virtual VkResult bind(const Allocation& allocation, Bytes size) = 0;
  virtual VkResult unbind(const Allocation& allocation) = 0;
  // The heap's effective budget from now on.
  virtual void budget_changed(std::uint32_t heap, Bytes budget) = 0;
  // Bytes of the staging ring that it wants its uploads to go through; 0: a staging buffer for each upload.
  [[nodiscard]] virtual Bytes staging_ring_bytes() const = 0;

  // The allocator that places for it where that is somebody else's, by name; empty where it is its own.
  [[nodiscard]] virtual std::string_view adapts() const = 0;

  // Every pool by the index that Allocation::pool has; none stands for one nameless pool. Not for the measured path, as
  // the next: what destroy() put off is done first.
  [[nodiscard]] virtual std::vector<PoolStatistics> pools() const = 0;
  // Only those that mean something for this strategy.
  [[nodiscard]] virtual std::vector<StrategyFigure> figures() const = 0;
};

}  // namespace vkmembench
