#pragma once

#include <vulkan/vulkan_core.h>

#include <cstddef>
#include <span>

#include "allocator/base/expected.h"
#include "allocator/device/device.h"
#include "allocator/device/memory_use.h"

namespace vkmembench {

// A buffer for copies, in host-visible memory of its own that stays mapped while it lives.
class HostBuffer {
 public:
  // In the best memory type for `use` that has room. A refusal leaves nothing behind; it is the driver's result, or
  // VK_ERROR_FEATURE_NOT_PRESENT when no memory type can serve. Requires a mappable use, size > 0, and that `device`
  // itself outlives the buffer.
  [[nodiscard]] static Expected<HostBuffer> make(const Device& device, Bytes size, MemoryUse use);
  HostBuffer() = default;  // holds nothing
  ~HostBuffer();
  HostBuffer(HostBuffer&& other) noexcept { swap(other); }
  HostBuffer& operator=(HostBuffer&& other) noexcept {
    swap(other);
    return *this;
  }

  [[nodiscard]] VkBuffer handle() const { return buffer_; }
  [[nodiscard]] Bytes size() const { return size_; }
  [[nodiscard]] std::byte* address() const { return address_; }
  // Makes host writes visible to the device, or device writes to the host; ranges grow outwards to nonCoherentAtomSize.
  [[nodiscard]] VkResult flush(Offset offset, Bytes size) const;
  [[nodiscard]] VkResult invalidate(Offset offset, Bytes size) const;

 private:
  void swap(HostBuffer& other) noexcept;
  VkResult create(Bytes size, MemoryUse use);
  [[nodiscard]] VkMappedMemoryRange range(Offset offset, Bytes size) const;

  const Device* device_ = nullptr;
  VkBuffer buffer_ = VK_NULL_HANDLE;
  VkDeviceMemory memory_ = VK_NULL_HANDLE;
  std::byte* address_ = nullptr;
  Bytes size_ = 0;
  Bytes memory_bytes_ = 0;
  bool coherent_ = true;
};

}  // namespace vkmembench
