#include <algorithm>
#include <utility>

#include "allocator/device/simulated/simulated_state.h"

// Command pools, recording, submission and fences. Like a device that runs beside its host, vkQueueSubmit only takes
// work in: it is done by the time that somebody waits for it or asks.
namespace vkmembench::simulated {
namespace {

CommandBuffer& recording(VkCommandBuffer handle) {
  auto& buffer = object_of<CommandBuffer>(handle);
  VKMEMBENCH_CHECK(buffer.state == Recording::recording, "command outside vkBeginCommandBuffer and vkEndCommandBuffer");
  return buffer;
}

template <class Copy, class Region, class Make>
void record(EntryPoint call, VkCommandBuffer handle, std::uint32_t count, const Region* regions, Make make) {
  CommandBuffer& buffer = recording(handle);
  VKMEMBENCH_CHECK(count > 0, "copy without regions");
  Bytes bytes = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Copy copy = make(regions[i]);
    const Command& command = buffer.commands.emplace_back(copy);
    check(command);
    bytes += bytes_of(command);
  }
  buffer.owner->charge(call, {.bytes = bytes});
}

void reset(CommandBuffer& buffer) {
  VKMEMBENCH_CHECK(buffer.state != Recording::pending, "reset of a command buffer that the device works on");
  buffer.commands.clear();
  buffer.state = Recording::initial;
}

void give_back(Device& device, VkCommandBuffer handle) {
  auto& buffer = object_on<CommandBuffer>(device, handle);
  reset(buffer);
  device.command_buffers.give(buffer);
}

void check_barrier(const VkImageMemoryBarrier& barrier) {
  const auto& image = object_of<Image>(barrier.image);
  const VkImageSubresourceRange& range = barrier.subresourceRange;
  VKMEMBENCH_CHECK(image.memory != VK_NULL_HANDLE, "barrier on an image without memory");
  VKMEMBENCH_CHECK(range.aspectMask != 0 && (range.aspectMask & ~image.format->aspects) == 0,
                   "barrier on an aspect that the format lacks");
  VKMEMBENCH_CHECK(range.baseMipLevel < image.mips && range.baseArrayLayer < image.layers,
                   "barrier on a mip or layer that the image lacks");
  VKMEMBENCH_CHECK(range.levelCount == VK_REMAINING_MIP_LEVELS ||
                       (range.levelCount > 0 && range.levelCount <= image.mips - range.baseMipLevel),
                   "barrier on a mip that the image lacks");
  VKMEMBENCH_CHECK(range.layerCount == VK_REMAINING_ARRAY_LAYERS ||
                       (range.layerCount > 0 && range.layerCount <= image.layers - range.baseArrayLayer),
                   "barrier on a layer that the image lacks");
}

void check_barrier(const VkBufferMemoryBarrier& barrier) {
  const auto& buffer = object_of<Buffer>(barrier.buffer);
  VKMEMBENCH_CHECK(buffer.memory != VK_NULL_HANDLE, "barrier on a buffer without memory");
  VKMEMBENCH_CHECK(
      barrier.offset < buffer.size && (barrier.size == VK_WHOLE_SIZE || barrier.size <= buffer.size - barrier.offset),
      "barrier beyond the buffer");
}

// Does everything that was submitted, and says how many bytes it moved.
Bytes run_queue(Device& device) {
  const std::lock_guard lock(device.queue_mutex);
  Bytes moved = 0;
  for (const Submission& submission : device.submissions) {
    for (const VkCommandBuffer handle : submission.buffers) {
      auto& buffer = object_of<CommandBuffer>(handle);
      for (const Command& command : buffer.commands) {
        check(command);  // once more: until now nothing that it uses may go
        execute(command);
        moved += bytes_of(command);
      }
      buffer.state = buffer.one_time ? Recording::invalid : Recording::executable;
    }
    if (submission.fence != VK_NULL_HANDLE)
      object_of<Fence>(submission.fence).signaled.store(true, std::memory_order_release);
  }
  device.submissions.clear();
  device.drop_freed();
  return moved;
}

}  // namespace

VkResult create_command_pool(VkDevice handle, const VkCommandPoolCreateInfo* info,
                             const VkAllocationCallbacks* /*unused*/, VkCommandPool* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::create_command_pool);
  VKMEMBENCH_CHECK(info->queueFamilyIndex == 0, "no such queue family");
  CommandPool& pool = device.command_pools.take();
  pool.buffers_reset = (info->flags & VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT) != 0;
  pool.buffers.clear();
  *out = handle_of<VkCommandPool>(pool);
  return VK_SUCCESS;
}

void destroy_command_pool(VkDevice handle, VkCommandPool pool_handle, const VkAllocationCallbacks* /*unused*/) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::destroy_command_pool);
  if (pool_handle == VK_NULL_HANDLE) return;
  auto& pool = object_on<CommandPool>(device, pool_handle);
  for (const VkCommandBuffer buffer : pool.buffers) give_back(device, buffer);
  pool.buffers.clear();
  device.command_pools.give(pool);
}

VkResult reset_command_pool(VkDevice handle, VkCommandPool pool, VkCommandPoolResetFlags /*unused*/) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::reset_command_pool);
  for (const VkCommandBuffer buffer : object_on<CommandPool>(device, pool).buffers)
    reset(object_on<CommandBuffer>(device, buffer));
  return VK_SUCCESS;
}

VkResult allocate_command_buffers(VkDevice handle, const VkCommandBufferAllocateInfo* info, VkCommandBuffer* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::allocate_command_buffers);
  VKMEMBENCH_CHECK(info->level == VK_COMMAND_BUFFER_LEVEL_PRIMARY, "secondary command buffers are not simulated");
  auto& pool = object_on<CommandPool>(device, info->commandPool);
  for (std::uint32_t i = 0; i < info->commandBufferCount; ++i) {
    CommandBuffer& buffer = device.command_buffers.take();
    buffer.pool = info->commandPool;
    reset(buffer);
    out[i] = handle_of<VkCommandBuffer>(buffer);
    pool.buffers.push_back(out[i]);
  }
  return VK_SUCCESS;
}

void free_command_buffers(VkDevice handle, VkCommandPool pool_handle, std::uint32_t count,
                          const VkCommandBuffer* buffers) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::free_command_buffers);
  auto& pool = object_on<CommandPool>(device, pool_handle);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (buffers[i] == VK_NULL_HANDLE) continue;
    VKMEMBENCH_CHECK(object_on<CommandBuffer>(device, buffers[i]).pool == pool_handle,
                     "command buffer freed to another pool");
    pool.buffers.erase(std::ranges::find(pool.buffers, buffers[i]));
    give_back(device, buffers[i]);
  }
}

VkResult begin_command_buffer(VkCommandBuffer handle, const VkCommandBufferBeginInfo* info) {
  auto& buffer = object_of<CommandBuffer>(handle);
  buffer.owner->charge(EntryPoint::begin_command_buffer);
  VKMEMBENCH_CHECK(buffer.state != Recording::pending, "vkBeginCommandBuffer while the device works on the buffer");
  VKMEMBENCH_CHECK(buffer.state != Recording::recording, "vkBeginCommandBuffer while recording");
  VKMEMBENCH_CHECK(buffer.state == Recording::initial || object_of<CommandPool>(buffer.pool).buffers_reset,
                   "vkBeginCommandBuffer without a reset, in a pool whose buffers cannot be reset alone");
  reset(buffer);
  buffer.state = Recording::recording;
  buffer.one_time = (info->flags & VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT) != 0;
  return VK_SUCCESS;
}

VkResult end_command_buffer(VkCommandBuffer handle) {
  CommandBuffer& buffer = recording(handle);
  buffer.owner->charge(EntryPoint::end_command_buffer);
  buffer.state = Recording::executable;
  return VK_SUCCESS;
}

void cmd_copy_buffer(VkCommandBuffer handle, VkBuffer from, VkBuffer to, std::uint32_t count,
                     const VkBufferCopy* regions) {
  record<BufferCopy>(EntryPoint::cmd_copy_buffer, handle, count, regions, [&](const VkBufferCopy& region) {
    return BufferCopy{from, to, region};
  });
}

void cmd_copy_image(VkCommandBuffer handle, VkImage from, VkImageLayout /*unused*/, VkImage to,
                    VkImageLayout /*unused*/, std::uint32_t count, const VkImageCopy* regions) {
  record<ImageCopy>(EntryPoint::cmd_copy_image, handle, count, regions, [&](const VkImageCopy& region) {
    return ImageCopy{from, to, region};
  });
}

void cmd_copy_buffer_to_image(VkCommandBuffer handle, VkBuffer buffer, VkImage image, VkImageLayout /*unused*/,
                              std::uint32_t count, const VkBufferImageCopy* regions) {
  record<BufferImageCopy>(EntryPoint::cmd_copy_buffer_to_image, handle, count, regions,
                          [&](const VkBufferImageCopy& region) {
                            return BufferImageCopy{buffer, image, true, region};
                          });
}

void cmd_copy_image_to_buffer(VkCommandBuffer handle, VkImage image, VkImageLayout /*unused*/, VkBuffer buffer,
                              std::uint32_t count, const VkBufferImageCopy* regions) {
  record<BufferImageCopy>(EntryPoint::cmd_copy_image_to_buffer, handle, count, regions,
                          [&](const VkBufferImageCopy& region) {
                            return BufferImageCopy{buffer, image, false, region};
                          });
}

void cmd_pipeline_barrier(VkCommandBuffer handle, VkPipelineStageFlags from, VkPipelineStageFlags to,
                          VkDependencyFlags /*unused*/, std::uint32_t /*unused*/, const VkMemoryBarrier* /*unused*/,
                          std::uint32_t buffer_count, const VkBufferMemoryBarrier* buffers, std::uint32_t image_count,
                          const VkImageMemoryBarrier* images) {
  recording(handle).owner->charge(EntryPoint::cmd_pipeline_barrier);
  VKMEMBENCH_CHECK(from != 0 && to != 0, "barrier without stages");
  for (std::uint32_t i = 0; i < buffer_count; ++i) check_barrier(buffers[i]);
  for (std::uint32_t i = 0; i < image_count; ++i) check_barrier(images[i]);
}

VkResult queue_submit(VkQueue queue, std::uint32_t count, const VkSubmitInfo* submits, VkFence fence) {
  Device& device = device_of(queue);
  device.charge(EntryPoint::queue_submit);
  Submission submission{{}, fence};
  for (std::uint32_t i = 0; i < count; ++i) {
    VKMEMBENCH_CHECK(submits[i].waitSemaphoreCount == 0 && submits[i].signalSemaphoreCount == 0,
                     "semaphores are not simulated");
    for (std::uint32_t b = 0; b < submits[i].commandBufferCount; ++b) {
      const auto& buffer = object_on<CommandBuffer>(device, submits[i].pCommandBuffers[b]);
      VKMEMBENCH_CHECK(buffer.state == Recording::executable, "submission of a command buffer that is not executable");
      for (const Command& command : buffer.commands) {
        check(command);  // again: resources may be gone since they were recorded
        if (const VkResult prepared = prepare(command); prepared != VK_SUCCESS) return prepared;
      }
      submission.buffers.push_back(submits[i].pCommandBuffers[b]);
    }
  }
  VKMEMBENCH_CHECK(fence == VK_NULL_HANDLE || !object_on<Fence>(device, fence).signaled.load(std::memory_order_acquire),
                   "submission with a signalled fence");
  const std::lock_guard lock(device.queue_mutex);
  for (const VkCommandBuffer buffer : submission.buffers) object_of<CommandBuffer>(buffer).state = Recording::pending;
  device.submissions.push_back(std::move(submission));
  return VK_SUCCESS;
}

VkResult create_fence(VkDevice handle, const VkFenceCreateInfo* info, const VkAllocationCallbacks* /*unused*/,
                      VkFence* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::create_fence);
  Fence& fence = device.fences.take();
  fence.signaled.store((info->flags & VK_FENCE_CREATE_SIGNALED_BIT) != 0, std::memory_order_release);
  *out = handle_of<VkFence>(fence);
  return VK_SUCCESS;
}

void destroy_fence(VkDevice handle, VkFence fence, const VkAllocationCallbacks* /*unused*/) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::destroy_fence);
  if (fence != VK_NULL_HANDLE) device.fences.give(object_on<Fence>(device, fence));
}

VkResult reset_fences(VkDevice handle, std::uint32_t count, const VkFence* fences) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::reset_fences);
  for (std::uint32_t i = 0; i < count; ++i)
    object_on<Fence>(device, fences[i]).signaled.store(false, std::memory_order_release);
  return VK_SUCCESS;
}

VkResult wait_for_fences(VkDevice handle, std::uint32_t count, const VkFence* fences, VkBool32 all,
                         std::uint64_t timeout) {
  Device& device = device_of(handle);
  const auto reached = [&] {
    std::uint32_t signaled = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (object_on<Fence>(device, fences[i]).signaled.load(std::memory_order_acquire)) ++signaled;
    }
    return all == VK_TRUE ? signaled == count : signaled > 0;
  };
  const Bytes moved = reached() ? 0 : run_queue(device);
  device.charge(EntryPoint::wait_for_fences, {.bytes = moved});
  if (reached()) return VK_SUCCESS;
  // Submitted work is done, so nothing would ever end this wait; timeout 0 only asks.
  VKMEMBENCH_CHECK(timeout == 0, "wait for a fence that was not submitted");
  return VK_TIMEOUT;
}

VkResult device_wait_idle(VkDevice handle) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::device_wait_idle, {.bytes = run_queue(device)});
  return VK_SUCCESS;
}

}  // namespace vkmembench::simulated
