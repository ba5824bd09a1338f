#include "allocator/transfer/host_buffer.h"

#include <algorithm>
#include <utility>

#include "allocator/device/mapped_range.h"
#include "allocator/device/resource.h"

namespace vkmembench {

Expected<HostBuffer> HostBuffer::make(const Device& device, Bytes size, MemoryUse use) {
  VKMEMBENCH_CHECK(is_mappable(use) && size > 0, "a host buffer needs bytes that the host can map");
  HostBuffer made;
  made.device_ = &device;
  if (const VkResult result = made.create(size, use); result != VK_SUCCESS) return result;
  return made;
}

VkResult HostBuffer::create(Bytes size, MemoryUse use) {
  const Device& device = *device_;
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = size_ = size;
  info.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  VkResult result = device.fn.create_buffer(device.handle, &info, nullptr, &buffer_);
  if (result != VK_SUCCESS) return result;
  const auto [requirements, dedicated] = needs_of(device, reinterpret_cast<std::uint64_t>(buffer_), false);
  memory_bytes_ = requirements.size;
  const VkPhysicalDeviceMemoryProperties& memory = device.info->memory;
  VkMemoryDedicatedAllocateInfo own{};
  own.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO;
  own.buffer = buffer_;
  const MemoryTypeOrder order = order_memory_types(memory)[static_cast<std::size_t>(use)];
  result = VK_ERROR_FEATURE_NOT_PRESENT;
  for (std::uint32_t nth = 0; memory_ == VK_NULL_HANDLE; ++nth) {
    const int type = order.pick(requirements.memoryTypeBits, nth);
    if (type < 0) return result;
    const VkMemoryAllocateInfo allocate{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, dedicated ? &own : nullptr,
                                        memory_bytes_, static_cast<std::uint32_t>(type)};
    result = device.fn.allocate_memory(device.handle, &allocate, nullptr, &memory_);
    coherent_ = (memory.memoryTypes[type].propertyFlags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0;
  }
  void* address = nullptr;
  result = device.fn.bind_buffer_memory(device.handle, buffer_, memory_, 0);
  if (result == VK_SUCCESS) result = device.fn.map_memory(device.handle, memory_, 0, VK_WHOLE_SIZE, 0, &address);
  address_ = static_cast<std::byte*>(address);
  return result;
}

HostBuffer::~HostBuffer() {
  if (device_ == nullptr) return;
  device_->fn.destroy_buffer(device_->handle, buffer_, nullptr);
  if (address_ != nullptr) device_->fn.unmap_memory(device_->handle, memory_);
  device_->fn.free_memory(device_->handle, memory_, nullptr);
}

void HostBuffer::swap(HostBuffer& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(buffer_, other.buffer_);
  std::swap(memory_, other.memory_);
  std::swap(address_, other.address_);
  std::swap(size_, other.size_);
  std::swap(memory_bytes_, other.memory_bytes_);
  std::swap(coherent_, other.coherent_);
}

VkMappedMemoryRange HostBuffer::range(Offset offset, Bytes size) const {
  return mapped_range(*device_->info, memory_, offset, size, memory_bytes_);
}

VkResult HostBuffer::flush(Offset offset, Bytes size) const {
  if (coherent_) return VK_SUCCESS;
  const VkMappedMemoryRange bytes = range(offset, size);
  return device_->fn.flush_mapped_memory_ranges(device_->handle, 1, &bytes);
}

VkResult HostBuffer::invalidate(Offset offset, Bytes size) const {
  if (coherent_) return VK_SUCCESS;
  const VkMappedMemoryRange bytes = range(offset, size);
  return device_->fn.invalidate_mapped_memory_ranges(device_->handle, 1, &bytes);
}

}  // namespace vkmembench
