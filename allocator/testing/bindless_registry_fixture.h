#pragma once

#include <vector>

#include "allocator/core/descriptors/bindless_registry.h"
#include "allocator/device/memory_use.h"

namespace vkmembench {

// Storage buffers in one piece of memory, of any device; freed when it goes.
class StorageBuffers {
 public:
  static constexpr Bytes kSize = 1024;

  StorageBuffers(const Device& device, std::uint32_t count) : device_(device) {
    VkBufferCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    info.size = kSize;
    info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    VkMemoryRequirements needs{};
    for (std::uint32_t i = 0; i < count; ++i) {
      VkBuffer& buffer = buffers_.emplace_back();
      VKMEMBENCH_CHECK(device.fn.create_buffer(device.handle, &info, nullptr, &buffer) == VK_SUCCESS, "a buffer");
      device.fn.get_buffer_memory_requirements(device.handle, buffer, &needs);
    }
    const Bytes stride = align_up(needs.size, needs.alignment);
    const MemoryTypeOrders orders = order_memory_types(device.info->memory);
    VkMemoryAllocateInfo memory{};
    memory.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
    memory.allocationSize = stride * count;
    memory.memoryTypeIndex =
        static_cast<std::uint32_t>(orders[static_cast<std::size_t>(MemoryUse::device)].pick(needs.memoryTypeBits));
    VKMEMBENCH_CHECK(device.fn.allocate_memory(device.handle, &memory, nullptr, &memory_) == VK_SUCCESS, "its memory");
    for (std::uint32_t i = 0; i < count; ++i)
      VKMEMBENCH_CHECK(device.fn.bind_buffer_memory(device.handle, buffers_[i], memory_, stride * i) == VK_SUCCESS,
                       "a bind");
  }
  ~StorageBuffers() {
    for (const VkBuffer buffer : buffers_) device_.fn.destroy_buffer(device_.handle, buffer, nullptr);
    device_.fn.free_memory(device_.handle, memory_, nullptr);
  }
  StorageBuffers(const StorageBuffers&) = delete;
  StorageBuffers& operator=(const StorageBuffers&) = delete;

  [[nodiscard]] VkBuffer operator[](std::size_t i) const { return buffers_[i % buffers_.size()]; }

 private:
  const Device device_;
  std::vector<VkBuffer> buffers_;
  VkDeviceMemory memory_ = VK_NULL_HANDLE;
};

}  // namespace vkmembench
