#include "allocator/core/pools/memory_budget.h"

#include <algorithm>

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
  for (std::uint32_t heap = 0; heap < device.memory.memoryHeapCount; ++heap)
    set_budget(heap, usable_budget(device.budgets[heap], device.memory.memoryHeaps[heap].size));
}

void MemoryBudget::set_budget(std::uint32_t heap, Bytes bytes) {
  if (heaps_[heap].budget.exchange(bytes, std::memory_order_relaxed) != bytes)
    heaps_[heap].refused.store(kNothingRefused, std::memory_order_relaxed);
}

VkResult MemoryBudget::take(std::uint32_t heap, Bytes bytes, bool within_budget) {
  Heap& state = heaps_[heap];
  if (bytes > max_object_bytes_ || bytes >= state.refused.load(std::memory_order_relaxed))
    return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  const std::uint32_t count = objects_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (count > max_objects_) {
    objects_.fetch_sub(1, std::memory_order_relaxed);
    return VK_ERROR_TOO_MANY_OBJECTS;
  }
  const Bytes reserved = state.reserved.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  if (within_budget && reserved > budget(heap)) {
    state.reserved.fetch_sub(bytes, std::memory_order_relaxed);
    objects_.fetch_sub(1, std::memory_order_relaxed);
    return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  }
  total_.fetch_add(bytes, std::memory_order_relaxed);
  return VK_SUCCESS;
}

void MemoryBudget::taken(std::uint32_t heap) {
  raise_to(heaps_[heap].peak, reserved(heap));
  raise_to(total_peak_, total_reserved());
  raise_to(objects_peak_, objects());
}

void MemoryBudget::not_taken(std::uint32_t heap, Bytes bytes, VkResult failure) {
  unbook(heap, bytes);
  if (failure != VK_ERROR_OUT_OF_DEVICE_MEMORY) return;
  std::atomic<Bytes>& refused = heaps_[heap].refused;
  Bytes seen = refused.load(std::memory_order_relaxed);
  while (seen > bytes && !refused.compare_exchange_weak(seen, bytes, std::memory_order_relaxed)) {
  }
}

void MemoryBudget::give(std::uint32_t heap, Bytes bytes) {
  unbook(heap, bytes);
  heaps_[heap].refused.store(kNothingRefused, std::memory_order_relaxed);
}

bool MemoryBudget::remembers_refusals() const {
  return std::ranges::any_of(
      heaps_, [](const Heap& heap) { return heap.refused.load(std::memory_order_relaxed) != kNothingRefused; });
}

void MemoryBudget::forget_refusals() {
  for (Heap& heap : heaps_) heap.refused.store(kNothingRefused, std::memory_order_relaxed);
}

void MemoryBudget::unbook(std::uint32_t heap, Bytes bytes) {
  const Bytes before = heaps_[heap].reserved.fetch_sub(bytes, std::memory_order_relaxed);
  VKMEMBENCH_CHECK(before >= bytes, "more memory is given back than was taken");
  total_.fetch_sub(bytes, std::memory_order_relaxed);
  objects_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace vkmembench
