#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "allocator/base/expected.h"
#include "allocator/base/vulkan_names.h"
#include "allocator/device/simulated/simulated_device.h"

namespace vkmembench {

inline constexpr VkBufferUsageFlags kTransfer = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
inline constexpr VkImageUsageFlags kImageTransfer =
    VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_SAMPLED_BIT;

inline VkBufferCreateInfo buffer_info(Bytes size, VkBufferUsageFlags usage = kTransfer) {
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = size;
  info.usage = usage;
  return info;
}

inline VkImageCreateInfo image_info(VkFormat format, VkExtent3D extent, std::uint32_t mips = 1,
                                    std::uint32_t layers = 1, VkImageUsageFlags usage = kImageTransfer) {
  VkImageCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
  info.imageType = extent.depth > 1 ? VK_IMAGE_TYPE_3D : VK_IMAGE_TYPE_2D;
  info.format = format;
  info.extent = extent;
  info.mipLevels = mips;
  info.arrayLayers = layers;
  info.samples = VK_SAMPLE_COUNT_1_BIT;
  info.tiling = VK_IMAGE_TILING_OPTIMAL;
  info.usage = usage;
  return info;
}

// A simulated device with the calls that tests repeat.
class SimulatedFixture {
 public:
  explicit SimulatedFixture(const DeviceProfile& profile, const SimulatedOptions& options = {.verify_contents = true})
      : owner(open_simulated_device(profile, options)), d(owner->device()) {}

  Expected<VkDeviceMemory> allocate(Bytes size, std::uint32_t type, const void* chain = nullptr) const {
    VkMemoryAllocateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
    info.pNext = chain;
    info.allocationSize = size;
    info.memoryTypeIndex = type;
    VkDeviceMemory memory = VK_NULL_HANDLE;
    const VkResult result = d.fn.allocate_memory(d.handle, &info, nullptr, &memory);
    if (result != VK_SUCCESS) return result;
    return memory;
  }
  VkBuffer buffer(Bytes size, VkBufferUsageFlags usage = kTransfer) const {
    const VkBufferCreateInfo info = buffer_info(size, usage);
    VkBuffer buffer = VK_NULL_HANDLE;
    EXPECT_EQ(d.fn.create_buffer(d.handle, &info, nullptr, &buffer), VK_SUCCESS);
    return buffer;
  }
  VkImage image(const VkImageCreateInfo& info) const {
    VkImage image = VK_NULL_HANDLE;
    EXPECT_EQ(d.fn.create_image(d.handle, &info, nullptr, &image), VK_SUCCESS);
    return image;
  }
  VkMemoryRequirements requirements(VkBuffer buffer) const {
    VkMemoryRequirements out;
    d.fn.get_buffer_memory_requirements(d.handle, buffer, &out);
    return out;
  }
  VkMemoryRequirements requirements(VkImage image) const {
    VkMemoryRequirements out;
    d.fn.get_image_memory_requirements(d.handle, image, &out);
    return out;
  }
  // The first type with all the flags and none of the others, that the bits allow.
  std::uint32_t type(VkMemoryPropertyFlags flags, std::uint32_t bits = ~0u, VkMemoryPropertyFlags none = 0) const {
    for (std::uint32_t i = 0; i < d.info->memory.memoryTypeCount; ++i) {
      const VkMemoryPropertyFlags offered = d.info->memory.memoryTypes[i].propertyFlags;
      if ((bits >> i & 1u) != 0 && (offered & flags) == flags && (offered & none) == 0) return i;
    }
    ADD_FAILURE() << "no memory type with flags " << flags;
    return 0;
  }
  template <class Resource>
  VkDeviceMemory give_memory(Resource resource, std::uint32_t type_index) const {
    const VkDeviceMemory memory = allocate(requirements(resource).size, type_index).value();
    if constexpr (std::is_same_v<Resource, VkBuffer>)
      EXPECT_EQ(d.fn.bind_buffer_memory(d.handle, resource, memory, 0), VK_SUCCESS);
    else
      EXPECT_EQ(d.fn.bind_image_memory(d.handle, resource, memory, 0), VK_SUCCESS);
    return memory;
  }
  std::byte* map(VkDeviceMemory memory) const {
    void* data = nullptr;
    EXPECT_EQ(d.fn.map_memory(d.handle, memory, 0, VK_WHOLE_SIZE, 0, &data), VK_SUCCESS);
    return static_cast<std::byte*>(data);
  }
  VkResult flush(VkDeviceMemory memory, Offset offset = 0, Bytes size = VK_WHOLE_SIZE) const {
    const VkMappedMemoryRange range = {VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, nullptr, memory, offset, size};
    return d.fn.flush_mapped_memory_ranges(d.handle, 1, &range);
  }
  VkResult invalidate(VkDeviceMemory memory, Offset offset = 0, Bytes size = VK_WHOLE_SIZE) const {
    const VkMappedMemoryRange range = {VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, nullptr, memory, offset, size};
    return d.fn.invalidate_mapped_memory_ranges(d.handle, 1, &range);
  }

  VkCommandPool pool(VkCommandPoolCreateFlags flags = 0) const {
    VkCommandPoolCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
    info.flags = flags;
    VkCommandPool out = VK_NULL_HANDLE;
    EXPECT_EQ(d.fn.create_command_pool(d.handle, &info, nullptr, &out), VK_SUCCESS);
    return out;
  }
  VkCommandBuffer commands(VkCommandPool from) const {
    const VkCommandBufferAllocateInfo info = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, nullptr, from,
                                              VK_COMMAND_BUFFER_LEVEL_PRIMARY, 1};
    VkCommandBuffer out = VK_NULL_HANDLE;
    EXPECT_EQ(d.fn.allocate_command_buffers(d.handle, &info, &out), VK_SUCCESS);
    return out;
  }
  void begin(VkCommandBuffer commands, VkCommandBufferUsageFlags flags = 0) const {
    const VkCommandBufferBeginInfo info = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, nullptr, flags, nullptr};
    EXPECT_EQ(d.fn.begin_command_buffer(commands, &info), VK_SUCCESS);
  }
  VkFence fence() const {
    const VkFenceCreateInfo info = {VK_STRUCTURE_TYPE_FENCE_CREATE_INFO, nullptr, 0};
    VkFence out = VK_NULL_HANDLE;
    EXPECT_EQ(d.fn.create_fence(d.handle, &info, nullptr, &out), VK_SUCCESS);
    return out;
  }
  VkResult submit(VkCommandBuffer commands, VkFence fence = VK_NULL_HANDLE) const {
    VkSubmitInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    info.commandBufferCount = 1;
    info.pCommandBuffers = &commands;
    return d.fn.queue_submit(d.queue, 1, &info, fence);
  }
  // Records, submits, waits.
  void run(const std::function<void(VkCommandBuffer)>& record) const {
    const VkCommandPool from = pool();
    const VkCommandBuffer buffer = commands(from);
    const VkFence done = fence();
    begin(buffer, VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT);
    record(buffer);
    EXPECT_EQ(d.fn.end_command_buffer(buffer), VK_SUCCESS);
    EXPECT_EQ(submit(buffer, done), VK_SUCCESS);
    EXPECT_EQ(d.fn.wait_for_fences(d.handle, 1, &done, VK_TRUE, ~std::uint64_t{0}), VK_SUCCESS);
    d.fn.destroy_fence(d.handle, done, nullptr);
    d.fn.destroy_command_pool(d.handle, from, nullptr);
  }
  void copy(VkBuffer from, VkBuffer to, Bytes size) const {
    run([&](VkCommandBuffer commands) {
      const VkBufferCopy region = {0, 0, size};
      d.fn.cmd_copy_buffer(commands, from, to, 1, &region);
    });
  }

  std::unique_ptr<DeviceOwner> owner;
  Device d;
};

// Bytes that differ by place and seed.
inline std::vector<std::byte> pattern(Bytes size, unsigned seed) {
  std::vector<std::byte> bytes(size);
  for (Bytes i = 0; i < size; ++i)
    bytes[i] = static_cast<std::byte>((i * 131 + (i >> 8) * 7 + Bytes{seed} * 59 + 1) & 0xff);
  return bytes;
}

}  // namespace vkmembench
