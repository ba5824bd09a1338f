#include "allocator/core/memory_budget.h"

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

template <typename T>
void raise_to(std::atomic<T>& peak, T value) {
  T seen = peak.load(std::memory_order_relaxed);
  while (seen < value && !peak.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

}  // namespace

MemoryBudget::MemoryBudget(const DeviceInfo& device)
    : max_objects_(device.limits.maxMemoryAllocationCount), max_object_bytes_(device.max_memory_allocation_size) {
  for (std::uint32_t heap = 0; heap < device.memory.memoryHeapCount; ++heap) set_budget(heap, device.budgets[heap]);
}

VkResult MemoryBudget::take(std::uint32_t heap, Bytes bytes, bool within_budget) {
  if (bytes > max_object_bytes_) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  const std::uint32_t count = objects_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (count > max_objects_) {
    objects_.fetch_sub(1, std::memory_order_relaxed);
    return VK_ERROR_TOO_MANY_OBJECTS;
  }
  Heap& books = heaps_[heap];
  const Bytes reserved = books.reserved.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  if (within_budget && reserved > budget(heap)) {
    books.reserved.fetch_sub(bytes, std::memory_order_relaxed);
    objects_.fetch_sub(1, std::memory_order_relaxed);
    return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  }
  total_.fetch_add(bytes, std::memory_order_relaxed);
  return VK_SUCCESS;
}

void MemoryBudget::note_peak(std::uint32_t heap) {
  raise_to(heaps_[heap].peak, reserved(heap));
  raise_to(total_peak_, total_reserved());
  raise_to(objects_peak_, objects());
}

void MemoryBudget::give(std::uint32_t heap, Bytes bytes) {
  const Bytes before = heaps_[heap].reserved.fetch_sub(bytes, std::memory_order_relaxed);
  VKMEMBENCH_CHECK(before >= bytes, "more memory is given back than was taken");
  total_.fetch_sub(bytes, std::memory_order_relaxed);
  objects_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace vkmembench
