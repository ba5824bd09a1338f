#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "allocator/device/resource.h"
#include "allocator/seam/strategy.h"
#include "bench/capture/meter.h"
#include "bench/capture/probes.h"

namespace vkmembench {
namespace {

// Memory as a program has it: one buffer as large as the memory lies in it, where buffers may.
class Used {
 public:
  Used(const Device& device, std::uint32_t type, Bytes size, bool dedicated)
      : device_(device), type_(type), size_(size), dedicated_(dedicated) {
    BufferRequest request;
    request.size = size;
    request.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    const Expected<std::uint64_t> made = create_resource(device, create_info(request));
    require_success(device, made.result(), "create a buffer");
    buffer_ = *made;
    const VkMemoryRequirements needs = requirements_of(device, buffer_, false);
    fits_ = needs.size == size && (needs.memoryTypeBits >> type & 1u) != 0;
  }
  Used(const Used&) = delete;
  Used& operator=(const Used&) = delete;
  ~Used() {
    if (buffer_ != 0) destroy_resource(device_, buffer_, false);
    if (memory_ != VK_NULL_HANDLE) device_.fn.free_memory(device_.handle, memory_, nullptr);
  }

  [[nodiscard]] bool fits() const { return fits_; }
  [[nodiscard]] VkDeviceMemory memory() const { return memory_; }
  // Whether there was memory.
  bool allocate(Meter& meter) {
    const VkMemoryDedicatedAllocateInfo owner{VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO, nullptr, VK_NULL_HANDLE,
                                              buffer_of(buffer_)};
    const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, dedicated_ ? &owner : nullptr, size_,
                                    type_};
    return meter.time(EntryPoint::allocate_memory, subject(), [&] {
      return device_.fn.allocate_memory(device_.handle, &info, nullptr, &memory_);
    }) == VK_SUCCESS;
  }
  void bind(Meter& meter) {
    if (!fits_) return;
    const auto call = [&] { return bind_resource(device_, buffer_, false, memory_, 0); };
    require_success(device_, dedicated_ ? meter.time(EntryPoint::bind_buffer_memory, of_buffer(), call) : call(),
                    "bind a buffer");
  }
  void release(Meter& meter) {
    const auto call = [&] { destroy_resource(device_, buffer_, false); };
    if (dedicated_)
      meter.time(EntryPoint::destroy_buffer, of_buffer(), call);
    else
      call();
    buffer_ = 0;
    meter.time(EntryPoint::free_memory, subject(), [&] { device_.fn.free_memory(device_.handle, memory_, nullptr); });
    memory_ = VK_NULL_HANDLE;
  }
  [[nodiscard]] CallSubject subject() const { return {.bytes = size_, .memory_type = type_, .dedicated = dedicated_}; }

 private:
  [[nodiscard]] CallSubject of_buffer() const { return {.bytes = size_, .dedicated = true}; }

  const Device& device_;
  const std::uint32_t type_;
  const Bytes size_;
  const bool dedicated_;
  bool fits_ = false;
  std::uint64_t buffer_ = 0;
  VkDeviceMemory memory_ = VK_NULL_HANDLE;
};

// Maps the memory, writes it as programs do (some drivers free untouched memory for nothing), and unmaps it.
void measure_map(const Device& device, VkDeviceMemory memory, const CallSubject& subject, Meter& meter) {
  void* bytes = nullptr;
  const VkResult mapped = meter.time(EntryPoint::map_memory, subject, [&] {
    return device.fn.map_memory(device.handle, memory, 0, VK_WHOLE_SIZE, 0, &bytes);
  });
  if (mapped != VK_SUCCESS) return;
  std::memset(bytes, 0, subject.bytes);
  const VkMappedMemoryRange range{VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, nullptr, memory, 0, VK_WHOLE_SIZE};
  meter.time(EntryPoint::flush_mapped_memory_ranges, subject,
             [&] { return device.fn.flush_mapped_memory_ranges(device.handle, 1, &range); });
  meter.time(EntryPoint::invalidate_mapped_memory_ranges, subject,
             [&] { return device.fn.invalidate_mapped_memory_ranges(device.handle, 1, &range); });
  meter.time(EntryPoint::unmap_memory, subject, [&] { device.fn.unmap_memory(device.handle, memory); });
}

// Several alive at once, as a program has them, given back in the order that they came.
void measure_size(const Device& device, std::uint32_t type, Bytes size, bool dedicated, Meter& meter) {
  const std::size_t alive = size <= 256 * kKiB ? 32 : size <= 4 * kMiB ? 8 : size <= 64 * kMiB ? 3 : 1;
  const bool visible = (device.info->memory.memoryTypes[type].propertyFlags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) != 0;
  std::vector<std::unique_ptr<Used>> live;
  for (std::size_t i = 0; i < alive; ++i) {
    auto used = std::make_unique<Used>(device, type, size, dedicated);
    if ((dedicated && !used->fits()) || !used->allocate(meter)) break;
    used->bind(meter);
    if (visible && !dedicated) measure_map(device, used->memory(), used->subject(), meter);
    live.push_back(std::move(used));
  }
  for (const std::unique_ptr<Used>& used : live) used->release(meter);
}

}  // namespace

void measure_memory(const Device& device, std::uint32_t type, Meter& meter) {
  const VkPhysicalDeviceMemoryProperties& memory = device.info->memory;
  if (!is_for_anybody(memory, type)) return;
  const Bytes heap = memory.memoryHeaps[memory.memoryTypes[type].heapIndex].size;
  for (Bytes size = 4 * kKiB; size <= 256 * kMiB && size <= heap / 8; size *= 4) {
    measure_size(device, type, size, false, meter);
    if (device.info->has_dedicated_allocation) measure_size(device, type, size, true, meter);
  }
}

}  // namespace vkmembench
