#include "allocator/transfer/command_ring.h"

#include <algorithm>
#include <new>
#include <utility>

#include "allocator/base/check.h"

namespace vkmembench {

CommandRing::CommandRing(const Device& device, std::uint32_t slots)
    : device_(device), memory_(device.host), slot_count_(slots), slots_(&memory_) {
  VKMEMBENCH_CHECK(slots > 0, "a command ring without slots");
}

CommandRing::~CommandRing() {
  settle();
  for (const Slot& slot : slots_)
    if (slot.fence != VK_NULL_HANDLE) device_.fn.destroy_fence(device_.handle, slot.fence, nullptr);
  if (pool_ != VK_NULL_HANDLE) device_.fn.destroy_command_pool(device_.handle, pool_, nullptr);  // with its buffers
}

void CommandRing::prepare() {
  refusal_ = make_slots();
  for (Slot& slot : slots_)
    if (refusal_ == VK_SUCCESS) refusal_ = make(slot);
}

VkResult CommandRing::make_slots() try {
  slots_.resize(slot_count_);
  return VK_SUCCESS;
} catch (const std::bad_alloc&) {
  return VK_ERROR_OUT_OF_HOST_MEMORY;
}

// What the slot lacks yet.
VkResult CommandRing::make(Slot& slot) {
  VkResult result = VK_SUCCESS;
  if (pool_ == VK_NULL_HANDLE) {
    const VkCommandPoolCreateInfo info{VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, nullptr,
                                       VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT, device_.queue_family};
    result = device_.fn.create_command_pool(device_.handle, &info, nullptr, &pool_);
  }
  if (result == VK_SUCCESS && slot.commands == VK_NULL_HANDLE) {
    const VkCommandBufferAllocateInfo info{VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, nullptr, pool_,
                                           VK_COMMAND_BUFFER_LEVEL_PRIMARY, 1};
    result = device_.fn.allocate_command_buffers(device_.handle, &info, &slot.commands);
  }
  if (result == VK_SUCCESS && slot.fence == VK_NULL_HANDLE) {
    const VkFenceCreateInfo info{VK_STRUCTURE_TYPE_FENCE_CREATE_INFO, nullptr, 0};
    result = device_.fn.create_fence(device_.handle, &info, nullptr, &slot.fence);
  }
  return result;
}

Expected<VkCommandBuffer> CommandRing::commands(std::uint64_t timeout_ns) {
  if (const VkResult refusal = std::exchange(refusal_, VK_SUCCESS); refusal != VK_SUCCESS) return refusal;
  if (slots_.empty()) {
    if (const VkResult result = make_slots(); result != VK_SUCCESS) return result;
  }
  Slot& slot = current();
  if (recording_) return slot.commands;
  if (const VkResult result = make(slot); result != VK_SUCCESS) return result;
  if (slot.pending != 0) {
    if (const VkResult result = wait_for(slot.pending, timeout_ns); result != VK_SUCCESS) return result;
  }
  const VkCommandBufferBeginInfo begin{VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, nullptr,
                                       VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT, nullptr};
  if (const VkResult result = device_.fn.begin_command_buffer(slot.commands, &begin); result != VK_SUCCESS)
    return result;
  recording_ = true;
  return slot.commands;
}

VkResult CommandRing::submit() {
  if (!recording_) return VK_SUCCESS;
  recording_ = false;
  Slot& slot = current();
  const Ticket ticket = ++last_ticket_;
  const VkMemoryBarrier barrier{VK_STRUCTURE_TYPE_MEMORY_BARRIER, nullptr, VK_ACCESS_MEMORY_WRITE_BIT,
                                VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT};
  device_.fn.cmd_pipeline_barrier(slot.commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                                  VK_PIPELINE_STAGE_ALL_COMMANDS_BIT | VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0,
                                  nullptr, 0, nullptr);
  VkResult result = device_.fn.end_command_buffer(slot.commands);
  // Reset here and not after the wait: a submission that failed may have signalled it.
  if (result == VK_SUCCESS) result = device_.fn.reset_fences(device_.handle, 1, &slot.fence);
  if (result != VK_SUCCESS) return result;
  VkSubmitInfo submit{};
  submit.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
  submit.commandBufferCount = 1;
  submit.pCommandBuffers = &slot.commands;
  result = device_.fn.queue_submit(device_.queue, 1, &submit, slot.fence);
  if (result == VK_SUCCESS) slot.pending = ticket;
  return result;
}

bool CommandRing::done(Ticket ticket) {
  return ticket <= last_done_ || (ticket <= last_ticket_ && wait_for(ticket, 0) == VK_SUCCESS);
}

VkResult CommandRing::wait_for(Ticket ticket, std::uint64_t timeout_ns) {
  VKMEMBENCH_CHECK(ticket <= last_ticket_, "wait for a ticket that was not submitted");
  // A fence signals after all that was submitted to its queue before (Vulkan 1.3, "Fences"): the last one is enough.
  const Slot* last = nullptr;
  for (const Slot& slot : slots_) {
    if (slot.pending != 0 && slot.pending <= ticket && (last == nullptr || slot.pending > last->pending)) last = &slot;
  }
  if (last != nullptr) {
    VkResult result = VK_TIMEOUT;
    do {
      result = device_.fn.wait_for_fences(device_.handle, 1, &last->fence, VK_TRUE, timeout_ns);
    } while (result == VK_TIMEOUT && timeout_ns == kNoTimeout);
    if (result != VK_SUCCESS) return result;
  }
  for (Slot& slot : slots_) {
    if (slot.pending <= ticket) slot.pending = 0;
  }
  last_done_ = std::max(last_done_, ticket);
  return VK_SUCCESS;
}

void CommandRing::settle() {
  VkResult result = wait_all();
  while (result != VK_SUCCESS && result != VK_ERROR_DEVICE_LOST) result = wait_all();
  for (Slot& slot : slots_) slot.pending = 0;
  last_done_ = last_ticket_;
}

}  // namespace vkmembench
