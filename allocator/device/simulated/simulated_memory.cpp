#include <cstring>

#include "allocator/base/os/pages.h"
#include "allocator/device/simulated/simulated_state.h"

namespace vkmembench::simulated {

std::byte* Backing::get(Bytes size) {
  if (std::byte* bytes = bytes_.load(std::memory_order_acquire); bytes != nullptr) return bytes;
  std::byte* pages = take_pages(size);
  if (pages == nullptr) return nullptr;
  std::byte* expected = nullptr;
  if (bytes_.compare_exchange_strong(expected, pages, std::memory_order_acq_rel)) return pages;
  give_pages_back(pages, size);
  return expected;
}

void Backing::drop(std::byte* bytes, Bytes size) { give_pages_back(bytes, size); }

namespace {

// Takes `size` bytes of the heap unless fewer are left.
bool claim(std::atomic<Bytes>& usage, Bytes heap_size, Bytes size) {
  Bytes used = usage.load(std::memory_order_relaxed);
  do {
    if (size > heap_size - used) return false;
  } while (!usage.compare_exchange_weak(used, used + size, std::memory_order_relaxed));
  return true;
}

// Takes one of the device's allocations unless `limit` are live.
bool claim(std::atomic<std::uint32_t>& count, std::uint32_t limit) {
  std::uint32_t live = count.load(std::memory_order_relaxed);
  do {
    if (live >= limit) return false;
  } while (!count.compare_exchange_weak(live, live + 1, std::memory_order_relaxed));
  return true;
}

void check_dedicated(const Device& device, const VkMemoryDedicatedAllocateInfo& dedicated, Bytes size) {
  VKMEMBENCH_CHECK(dedicated.buffer == VK_NULL_HANDLE || dedicated.image == VK_NULL_HANDLE,
                   "memory dedicated to a buffer and an image");
  if (dedicated.buffer != VK_NULL_HANDLE)
    VKMEMBENCH_CHECK(object_on<Buffer>(device, dedicated.buffer).required.size == size,
                     "dedicated memory of another size than its buffer requires");
  if (dedicated.image != VK_NULL_HANDLE)
    VKMEMBENCH_CHECK(object_on<Image>(device, dedicated.image).required.size == size,
                     "dedicated memory of another size than its image requires");
}

struct Range {
  Offset begin;
  Offset end;
};

// The bytes that a flush or invalidate covers. Misuse aborts.
Range checked_range(const Device& device, const Memory& memory, const VkMappedMemoryRange& range) {
  const Bytes atom = device.profile.limits.nonCoherentAtomSize;
  VKMEMBENCH_CHECK(memory.mapped, "flush or invalidate of memory that is not mapped");
  const Offset mapped_end = memory.mapped_offset + memory.mapped_size;
  VKMEMBENCH_CHECK(range.offset >= memory.mapped_offset && range.offset < mapped_end,
                   "flush or invalidate outside the mapped range");
  VKMEMBENCH_CHECK(range.size == VK_WHOLE_SIZE || range.size <= mapped_end - range.offset,
                   "flush or invalidate outside the mapped range");
  const Offset end = range.size == VK_WHOLE_SIZE ? mapped_end : range.offset + range.size;
  VKMEMBENCH_CHECK(range.offset % atom == 0, "flush or invalidate offset is no multiple of nonCoherentAtomSize");
  VKMEMBENCH_CHECK(end == memory.size || (range.size == VK_WHOLE_SIZE ? end : range.size) % atom == 0,
                   "flush or invalidate size is no multiple of nonCoherentAtomSize");
  return {range.offset, end};
}

enum class Direction { to_device, to_host };

VkResult synchronize(Device& device, EntryPoint call, std::uint32_t count, const VkMappedMemoryRange* ranges,
                     Direction direction) {
  Bytes total = 0;
  std::uint32_t type = 0;
  VkResult result = VK_SUCCESS;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto& memory = object_on<Memory>(device, ranges[i].memory);
    const Range range = checked_range(device, memory, ranges[i]);
    total += range.end - range.begin;
    type = memory.type;
    if (memory.coherent) continue;
    std::byte* host = memory.host.get(memory.size);
    std::byte* bytes = memory.device.get(memory.size);
    if (host == nullptr || bytes == nullptr) {
      result = VK_ERROR_OUT_OF_HOST_MEMORY;
      continue;
    }
    std::byte* to = direction == Direction::to_device ? bytes : host;
    const std::byte* from = direction == Direction::to_device ? host : bytes;
    std::memcpy(to + range.begin, from + range.begin, range.end - range.begin);
  }
  device.charge(call, {.bytes = total, .memory_type = type});
  return result;
}

}  // namespace

VkResult allocate_memory(VkDevice handle, const VkMemoryAllocateInfo* info, const VkAllocationCallbacks* /*unused*/,
                         VkDeviceMemory* out) {
  Device& device = device_of(handle);
  const VkPhysicalDeviceMemoryProperties& properties = device.profile.memory;
  VKMEMBENCH_CHECK(info->allocationSize > 0, "allocation of no bytes");
  VKMEMBENCH_CHECK(info->memoryTypeIndex < properties.memoryTypeCount, "no such memory type");
  const auto* dedicated =
      chained_in<VkMemoryDedicatedAllocateInfo>(info->pNext, VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO);
  const bool is_dedicated =
      dedicated != nullptr && (dedicated->buffer != VK_NULL_HANDLE || dedicated->image != VK_NULL_HANDLE);
  device.charge(EntryPoint::allocate_memory,
                {.bytes = info->allocationSize, .memory_type = info->memoryTypeIndex, .dedicated = is_dedicated});
  if (dedicated != nullptr) check_dedicated(device, *dedicated, info->allocationSize);

  const VkMemoryType& type = properties.memoryTypes[info->memoryTypeIndex];
  if (info->allocationSize > device.profile.max_memory_allocation_size) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  if (!claim(device.memory_count, device.profile.limits.maxMemoryAllocationCount)) return VK_ERROR_TOO_MANY_OBJECTS;
  if (!claim(device.heap_usage[type.heapIndex], properties.memoryHeaps[type.heapIndex].size, info->allocationSize)) {
    device.memory_count.fetch_sub(1, std::memory_order_relaxed);
    return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  }
  Memory& memory = device.memories.take();
  memory.size = info->allocationSize;
  memory.type = info->memoryTypeIndex;
  memory.host_visible = (type.propertyFlags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) != 0;
  memory.coherent = (type.propertyFlags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0;
  memory.backed = memory.host_visible || device.options.verify_contents;
  memory.mapped = false;
  memory.dedicated_buffer = dedicated != nullptr ? dedicated->buffer : VK_NULL_HANDLE;
  memory.dedicated_image = dedicated != nullptr ? dedicated->image : VK_NULL_HANDLE;
  *out = handle_of<VkDeviceMemory>(memory);
  return VK_SUCCESS;
}

void free_memory(VkDevice handle, VkDeviceMemory memory_handle, const VkAllocationCallbacks* /*unused*/) {
  Device& device = device_of(handle);
  if (memory_handle == VK_NULL_HANDLE) return device.charge(EntryPoint::free_memory);
  auto& memory = object_on<Memory>(device, memory_handle);
  device.charge(EntryPoint::free_memory,
                {.bytes = memory.size, .memory_type = memory.type, .dedicated = memory.is_dedicated()});
  device.release(memory);
  device.memories.give(memory);
}

// Attachments of simulated devices stay on the chip, for nobody renders: nothing of lazily allocated memory is backed.
void get_device_memory_commitment(VkDevice handle, VkDeviceMemory memory_handle, VkDeviceSize* out) {
  Device& device = device_of(handle);
  auto& memory = object_on<Memory>(device, memory_handle);
  device.charge(EntryPoint::get_device_memory_commitment);
  VKMEMBENCH_CHECK(
      (device.profile.memory.memoryTypes[memory.type].propertyFlags & VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT) != 0,
      "commitment of memory that is not lazily allocated");
  *out = 0;
}

VkResult map_memory(VkDevice handle, VkDeviceMemory memory_handle, VkDeviceSize offset, VkDeviceSize size,
                    VkMemoryMapFlags /*unused*/, void** out) {
  Device& device = device_of(handle);
  auto& memory = object_on<Memory>(device, memory_handle);
  VKMEMBENCH_CHECK(memory.host_visible, "map of memory that the host cannot see");
  VKMEMBENCH_CHECK(!memory.mapped, "map of mapped memory");
  VKMEMBENCH_CHECK(offset < memory.size, "map beyond the memory");
  VKMEMBENCH_CHECK(size == VK_WHOLE_SIZE || (size > 0 && size <= memory.size - offset), "map beyond the memory");
  const Bytes bytes = size == VK_WHOLE_SIZE ? memory.size - offset : size;
  device.charge(EntryPoint::map_memory, {.bytes = bytes, .memory_type = memory.type});
  std::byte* base = (memory.coherent ? memory.device : memory.host).get(memory.size);
  if (base == nullptr) return VK_ERROR_MEMORY_MAP_FAILED;
  memory.mapped = true;
  memory.mapped_offset = offset;
  memory.mapped_size = bytes;
  *out = base + offset;
  return VK_SUCCESS;
}

void unmap_memory(VkDevice handle, VkDeviceMemory memory_handle) {
  Device& device = device_of(handle);
  auto& memory = object_on<Memory>(device, memory_handle);
  VKMEMBENCH_CHECK(memory.mapped, "unmap of memory that is not mapped");
  device.charge(EntryPoint::unmap_memory, {.bytes = memory.mapped_size, .memory_type = memory.type});
  memory.mapped = false;
}

VkResult flush_mapped_memory_ranges(VkDevice handle, std::uint32_t count, const VkMappedMemoryRange* ranges) {
  return synchronize(device_of(handle), EntryPoint::flush_mapped_memory_ranges, count, ranges, Direction::to_device);
}

VkResult invalidate_mapped_memory_ranges(VkDevice handle, std::uint32_t count, const VkMappedMemoryRange* ranges) {
  return synchronize(device_of(handle), EntryPoint::invalidate_mapped_memory_ranges, count, ranges, Direction::to_host);
}

}  // namespace vkmembench::simulated
