#include "bench/replay/transfer.h"

#include <algorithm>
#include <bit>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"

namespace vkmembench {
namespace {

// Uploads beyond this in one frame are submitted and waited for, so that staging memory stays bounded.
constexpr Bytes kStagedBound = 64 * kMiB;
constexpr Bytes kSmallestStaging = 64 * kKiB;

void require(VkResult result, const char* what) {
  if (result != VK_SUCCESS)
    throw Error(std::string(what) + " failed: " + result_name(result) + "; the device cannot be used further",
                ExitCode::internal);
}

// One mip level of one layer, and where its bytes stand in the tightly packed image.
struct Subresource {
  VkBufferImageCopy region;
  Offset offset;
  Bytes size;
};

// Subresources mip by mip until `size` bytes are reached, with staging offsets that every format allows.
std::vector<Subresource> subresources(const ImageRequest& image, Bytes size) {
  const FormatInfo& format = format_info(image.format);
  const Bytes alignment = Bytes{format.block_bytes} * 4;
  std::vector<Subresource> all;
  Offset packed = 0;
  Offset staged = 0;
  for (std::uint32_t layer = 0; layer < image.layers; ++layer) {
    for (std::uint32_t mip = 0; mip < image.mips; ++mip) {
      const Bytes bytes = mip_bytes(format, image.extent, mip);
      if (!all.empty() && packed + bytes > size) return all;
      VkBufferImageCopy region{};
      region.bufferOffset = staged;
      region.imageSubresource = {format.aspects, mip, layer, 1};
      region.imageExtent = {std::max(1u, image.extent.width >> mip), std::max(1u, image.extent.height >> mip),
                            std::max(1u, image.extent.depth >> mip)};
      all.push_back({region, packed, bytes});
      packed += bytes;
      staged = (staged + bytes + alignment - 1) / alignment * alignment;
    }
  }
  return all;
}

void memory_barrier(const Device& device, VkCommandBuffer commands, VkAccessFlags from, VkAccessFlags to,
                    VkPipelineStageFlags to_stage) {
  const VkMemoryBarrier barrier{VK_STRUCTURE_TYPE_MEMORY_BARRIER, nullptr, from, to};
  device.fn.cmd_pipeline_barrier(commands, VK_PIPELINE_STAGE_TRANSFER_BIT, to_stage, 0, 1, &barrier, 0, nullptr, 0,
                                 nullptr);
}

}  // namespace

Transfer::Transfer(const Device& device, const Device& unlimited, std::uint32_t frames_in_flight)
    : device_(device),
      unlimited_(unlimited),
      orders_(order_memory_types(device.info->memory)),
      wait_every_frame_(frames_in_flight == 0) {
  const VkCommandPoolCreateInfo pool{VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, nullptr,
                                     VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT, device.queue_family};
  require(device.fn.create_command_pool(device.handle, &pool, nullptr, &pool_), "creating the harness's command pool");
  slots_.resize(std::max(1u, frames_in_flight));
  for (Slot& slot : slots_) {
    const VkCommandBufferAllocateInfo info{VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, nullptr, pool_,
                                           VK_COMMAND_BUFFER_LEVEL_PRIMARY, 1};
    require(device.fn.allocate_command_buffers(device.handle, &info, &slot.commands), "creating a command buffer");
    const VkFenceCreateInfo fence{VK_STRUCTURE_TYPE_FENCE_CREATE_INFO, nullptr, 0};
    require(device.fn.create_fence(device.handle, &fence, nullptr, &slot.fence), "creating a fence");
  }
}

Transfer::~Transfer() {
  for (Slot& slot : slots_) {
    if (slot.recording) device_.fn.end_command_buffer(slot.commands);
    if (slot.submitted) device_.fn.wait_for_fences(device_.handle, 1, &slot.fence, VK_TRUE, ~std::uint64_t{0});
    for (const Staging& staging : slot.staging) destroy(staging);
    device_.fn.destroy_fence(device_.handle, slot.fence, nullptr);
    device_.fn.free_command_buffers(device_.handle, pool_, 1, &slot.commands);
  }
  for (const Staging& staging : free_) destroy(staging);
  device_.fn.destroy_command_pool(device_.handle, pool_, nullptr);
}

Expected<Transfer::Staging> Transfer::make_staging(Bytes size, bool readback) {
  const VkBufferCreateInfo info = create_info(
      BufferRequest{.size = size, .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT});
  Staging staging{.size = size, .readback = readback};
  const Device& owner = owner_of(staging);
  if (const VkResult result = owner.fn.create_buffer(owner.handle, &info, nullptr, &staging.buffer);
      result != VK_SUCCESS)
    return result;
  VkMemoryRequirements requirements{};
  owner.fn.get_buffer_memory_requirements(owner.handle, staging.buffer, &requirements);
  const MemoryTypeOrder& order = orders_[static_cast<std::size_t>(readback ? MemoryUse::readback : MemoryUse::upload)];
  VkResult result = VK_ERROR_FEATURE_NOT_PRESENT;
  for (std::uint32_t nth = 0; staging.memory == VK_NULL_HANDLE; ++nth) {
    const int type = order.pick(requirements.memoryTypeBits, nth);
    if (type < 0) break;
    const VkMemoryAllocateInfo allocate{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, requirements.size,
                                        static_cast<std::uint32_t>(type)};
    result = owner.fn.allocate_memory(owner.handle, &allocate, nullptr, &staging.memory);
    staging.coherent = (owner.info->memory.memoryTypes[type].propertyFlags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0;
  }
  void* address = nullptr;
  if (result == VK_SUCCESS) result = owner.fn.bind_buffer_memory(owner.handle, staging.buffer, staging.memory, 0);
  if (result == VK_SUCCESS) result = owner.fn.map_memory(owner.handle, staging.memory, 0, VK_WHOLE_SIZE, 0, &address);
  staging.address = static_cast<std::byte*>(address);
  if (result != VK_SUCCESS) {
    destroy(staging);
    return result;
  }
  return staging;
}

void Transfer::destroy(const Staging& staging) {
  const Device& owner = owner_of(staging);
  owner.fn.destroy_buffer(owner.handle, staging.buffer, nullptr);
  if (staging.memory == VK_NULL_HANDLE) return;
  if (staging.address != nullptr) owner.fn.unmap_memory(owner.handle, staging.memory);
  owner.fn.free_memory(owner.handle, staging.memory, nullptr);
}

Expected<Transfer::Staging> Transfer::take_staging(Bytes size) {
  const Bytes rounded = std::max(kSmallestStaging, std::bit_ceil(size));
  const auto found = std::ranges::find(free_, rounded, &Staging::size);
  if (found != free_.end()) {
    const Staging staging = *found;
    *found = free_.back();
    free_.pop_back();
    return staging;
  }
  Expected<Staging> made = make_staging(rounded, false);
  if (made) {
    staging_bytes_ += rounded;
    staging_peak_ = std::max(staging_peak_, staging_bytes_);
  }
  return made;
}

VkCommandBuffer Transfer::commands() {
  Slot& slot = slots_[current_];
  if (!slot.recording) {
    if (slot.submitted) wait(slot);
    const VkCommandBufferBeginInfo begin{VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, nullptr,
                                         VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT, nullptr};
    require(device_.fn.begin_command_buffer(slot.commands, &begin), "beginning a command buffer");
    slot.recording = true;
  }
  return slot.commands;
}

void Transfer::submit(Slot& slot) {
  if (!slot.recording) return;
  slot.recording = false;
  require(device_.fn.end_command_buffer(slot.commands), "ending a command buffer");
  VkSubmitInfo submit{};
  submit.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
  submit.commandBufferCount = 1;
  submit.pCommandBuffers = &slot.commands;
  require(device_.fn.queue_submit(device_.queue, 1, &submit, slot.fence), "submitting copies");
  slot.submitted = true;
}

void Transfer::wait(Slot& slot) {
  if (!slot.submitted) return;
  require(device_.fn.wait_for_fences(device_.handle, 1, &slot.fence, VK_TRUE, ~std::uint64_t{0}), "waiting for copies");
  require(device_.fn.reset_fences(device_.handle, 1, &slot.fence), "resetting a fence");
  slot.submitted = false;
  slot.staged = 0;
  free_.insert(free_.end(), slot.staging.begin(), slot.staging.end());
  slot.staging.clear();
}

void Transfer::submit_and_wait() {
  submit(slots_[current_]);
  for (Slot& slot : slots_) wait(slot);
  copies_recorded_ = false;
}

void Transfer::bound_staging() {
  if (slots_[current_].staged < kStagedBound) return;
  ++wait_count_;
  submit_and_wait();
}

void Transfer::end_frame() {
  const std::lock_guard lock(mutex_);
  submit(slots_[current_]);
  if (wait_every_frame_) return wait(slots_[current_]);
  current_ = (current_ + 1) % slots_.size();
  wait(slots_[current_]);
}

void Transfer::finish() {
  const std::lock_guard lock(mutex_);
  submit_and_wait();
}

void Transfer::start_measuring() {
  const std::lock_guard lock(mutex_);
  staging_peak_ = staging_bytes_;
  wait_count_ = 0;
  copied_bytes_ = 0;
}

void Transfer::settle_copies() {
  const std::lock_guard lock(mutex_);
  if (copies_recorded_) submit_and_wait();
}

VkResult Transfer::synchronize(const Staging& staging, PFN_vkFlushMappedMemoryRanges function) {
  if (staging.coherent) return VK_SUCCESS;
  const VkMappedMemoryRange range{VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, nullptr, staging.memory, 0, VK_WHOLE_SIZE};
  return function(owner_of(staging).handle, 1, &range);
}

// The recorded copies out of `staging` go with this frame.
void Transfer::submitted_with(const Staging& staging, Bytes size) {
  memory_barrier(device_, commands(), VK_ACCESS_TRANSFER_WRITE_BIT,
                 VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT);
  slots_[current_].staging.push_back(staging);
  slots_[current_].staged += size;
  copied_bytes_ += size;
  if (wait_every_frame_) submit_and_wait();
  bound_staging();
}

VkResult Transfer::finish_readback(const Staging& staging) {
  memory_barrier(device_, commands(), VK_ACCESS_TRANSFER_WRITE_BIT, VK_ACCESS_HOST_READ_BIT,
                 VK_PIPELINE_STAGE_HOST_BIT);
  submit_and_wait();
  return synchronize(staging, unlimited_.fn.invalidate_mapped_memory_ranges);
}

VkResult Transfer::upload_buffer(VkBuffer target, Bytes size, bool mappable,
                                 const std::function<void(std::span<std::byte>)>& fill) {
  const std::lock_guard lock(mutex_);
  const Expected<Staging> staging = take_staging(size);
  if (!staging) return staging.result();
  fill({staging->address, size});
  if (const VkResult result = synchronize(*staging, device_.fn.flush_mapped_memory_ranges); result != VK_SUCCESS) {
    free_.push_back(*staging);
    return result;
  }
  const VkBufferCopy region{0, 0, size};
  device_.fn.cmd_copy_buffer(commands(), staging->buffer, target, 1, &region);
  copies_recorded_ = copies_recorded_ || mappable;
  submitted_with(*staging, size);
  return VK_SUCCESS;
}

Expected<Bytes> Transfer::upload_image(VkImage target, const ImageRequest& image, Bytes size, bool fresh,
                                       const std::function<void(std::span<std::byte>, Offset)>& fill) {
  const std::lock_guard lock(mutex_);
  const std::vector<Subresource> parts = subresources(image, size);
  const Expected<Staging> staging = take_staging(parts.back().region.bufferOffset + parts.back().size);
  if (!staging) return staging.result();
  std::vector<VkBufferImageCopy> regions;
  Bytes copied = 0;
  for (const Subresource& part : parts) {
    fill({staging->address + part.region.bufferOffset, part.size}, part.offset);
    regions.push_back(part.region);
    copied += part.size;
  }
  if (const VkResult result = synchronize(*staging, device_.fn.flush_mapped_memory_ranges); result != VK_SUCCESS) {
    free_.push_back(*staging);
    return result;
  }
  VkCommandBuffer recording = commands();
  if (fresh) {
    const VkImageMemoryBarrier barrier{
        VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
        nullptr,
        0,
        VK_ACCESS_TRANSFER_WRITE_BIT,
        VK_IMAGE_LAYOUT_UNDEFINED,
        VK_IMAGE_LAYOUT_GENERAL,
        VK_QUEUE_FAMILY_IGNORED,
        VK_QUEUE_FAMILY_IGNORED,
        target,
        {format_info(image.format).aspects, 0, VK_REMAINING_MIP_LEVELS, 0, VK_REMAINING_ARRAY_LAYERS}};
    device_.fn.cmd_pipeline_barrier(recording, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT, 0, 0,
                                    nullptr, 0, nullptr, 1, &barrier);
  }
  device_.fn.cmd_copy_buffer_to_image(recording, staging->buffer, target, VK_IMAGE_LAYOUT_GENERAL,
                                      static_cast<std::uint32_t>(regions.size()), regions.data());
  submitted_with(*staging, copied);
  return copied;
}

VkResult Transfer::copy_buffer(VkBuffer from, VkBuffer to, Bytes size) {
  const std::lock_guard lock(mutex_);
  const VkBufferCopy region{0, 0, size};
  VkCommandBuffer recording = commands();
  device_.fn.cmd_copy_buffer(recording, from, to, 1, &region);
  memory_barrier(device_, recording, VK_ACCESS_TRANSFER_WRITE_BIT,
                 VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT);
  copied_bytes_ += size;
  copies_recorded_ = true;
  if (wait_every_frame_) submit_and_wait();
  return VK_SUCCESS;
}

VkResult Transfer::read_buffer(VkBuffer source, Offset offset, Bytes size,
                               const std::function<void(std::span<const std::byte>)>& look) {
  const std::lock_guard lock(mutex_);
  const Expected<Staging> staging = make_staging(size, true);
  if (!staging) return staging.result();
  const VkBufferCopy region{offset, 0, size};
  device_.fn.cmd_copy_buffer(commands(), source, staging->buffer, 1, &region);
  const VkResult result = finish_readback(*staging);
  if (result == VK_SUCCESS) look({staging->address, size});
  destroy(*staging);
  return result;
}

VkResult Transfer::read_image(VkImage source, const ImageRequest& image, Bytes size,
                              const std::function<void(std::span<const std::byte>, Offset)>& look) {
  const std::lock_guard lock(mutex_);
  const std::vector<Subresource> parts = subresources(image, size);
  const Expected<Staging> staging = make_staging(parts.back().region.bufferOffset + parts.back().size, true);
  if (!staging) return staging.result();
  std::vector<VkBufferImageCopy> regions;
  for (const Subresource& part : parts) regions.push_back(part.region);
  device_.fn.cmd_copy_image_to_buffer(commands(), source, VK_IMAGE_LAYOUT_GENERAL, staging->buffer,
                                      static_cast<std::uint32_t>(regions.size()), regions.data());
  const VkResult result = finish_readback(*staging);
  if (result == VK_SUCCESS) {
    for (const Subresource& part : parts) look({staging->address + part.region.bufferOffset, part.size}, part.offset);
  }
  destroy(*staging);
  return result;
}

}  // namespace vkmembench
