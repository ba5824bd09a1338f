#pragma once

#include <vulkan/vulkan_core.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/base/expected.h"
#include "allocator/device/memory_use.h"

namespace vkmembench {

// A buffer as the trace asks for it. Usage already holds transfer source and destination unless memory is transient.
struct BufferRequest {
  Bytes size = 0;
  Bytes alignment = 0;  // power of two asked beyond the device's, 0 for none
  VkBufferUsageFlags usage = 0;
  MemoryUse memory = MemoryUse::device;
  bool evictable = false;
  std::uint16_t lane = 0;
};

// An image as the trace asks for it, with a format the device supports.
struct ImageRequest {
  VkFormat format = VK_FORMAT_UNDEFINED;
  VkExtent3D extent{};
  std::uint32_t mips = 1;
  std::uint32_t layers = 1;
  VkSampleCountFlagBits samples = VK_SAMPLE_COUNT_1_BIT;
  VkImageTiling tiling = VK_IMAGE_TILING_OPTIMAL;
  VkImageUsageFlags usage = 0;
  MemoryUse memory = MemoryUse::device;
  bool evictable = false;
  std::uint16_t lane = 0;
};
[[nodiscard]] VkBufferCreateInfo create_info(const BufferRequest& request);
[[nodiscard]] VkImageCreateInfo create_info(const ImageRequest& request);

// A bound resource: what the harness keeps of it, and the strategy's own token. A plain value.
struct Allocation {
  std::uint64_t resource = 0;  // VkBuffer or VkImage
  VkDeviceMemory memory = VK_NULL_HANDLE;
  Offset offset = 0;       // within memory
  Bytes charged = 0;       // bytes taken in the block, after the strategy's rounding
  void* token = nullptr;   // the strategy's
  std::uint16_t pool = 0;  // index into Strategy::pools()
  std::uint8_t memory_type = 0;
  bool image = false;
  bool dedicated = false;
  bool fallback = false;  // not in the memory type that the use asks for first

  // NOLINTBEGIN(performance-no-int-to-ptr): Vulkan's handles are integers by nature
  [[nodiscard]] VkBuffer buffer() const { return reinterpret_cast<VkBuffer>(resource); }
  [[nodiscard]] VkImage as_image() const { return reinterpret_cast<VkImage>(resource); }
  // NOLINTEND(performance-no-int-to-ptr)
};

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
// back everything it holds of its own (blocks, books), while resources still live then are leaks that the harness
// reports. Calls from several threads at once are safe when the requests' lanes say which thread asks.
class Strategy {
 public:
  virtual ~Strategy() = default;

  // Creates the resource, gives it memory and binds it. A refusal leaves nothing behind.
  virtual Expected<Allocation> create_buffer(const BufferRequest& request) = 0;
  virtual Expected<Allocation> create_image(const ImageRequest& request) = 0;
  // Several buffers that differ only in size, results in the order of `sizes`. Partial: each item succeeds or says why
  // not. Requires results.size() == sizes.size(). By default one create_buffer a size.
  virtual void create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                              std::span<Expected<Allocation>> results);
  // Destroys the resource and gives its memory back. Requires an allocation of this strategy that nobody destroyed.
  virtual void destroy(const Allocation& allocation, std::uint16_t lane) = 0;

  // Makes the resource's bytes readable and writable at the returned address until the matching unmap; maps nest.
  // Requires memory of a host-visible type. nullptr from a strategy without memory (`null`).
  virtual Expected<std::byte*> map(const Allocation& allocation) = 0;
  virtual void unmap(const Allocation& allocation) = 0;
  // Makes host writes in [offset, offset + size) visible to the device, or device writes to the host, whatever the
  // memory type's coherence. Offsets are within the resource; Requires it to be mapped.
  virtual VkResult flush(const Allocation& allocation, Offset offset, Bytes size) = 0;
  virtual VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) = 0;

  // Frame n begins; every free of frames before n - frames_in_flight was given to destroy() already.
  virtual void begin_frame(std::uint64_t /*n*/) {}

  // Bytes of the staging ring that it wants its uploads to go through; 0: a staging buffer for each upload.
  [[nodiscard]] virtual Bytes staging_ring_bytes() const { return 0; }

  // Every pool by the index that Allocation::pool has; one nameless pool by default. Not for the measured path.
  [[nodiscard]] virtual std::vector<PoolStatistics> pools() const { return {}; }
};

}  // namespace vkmembench
