#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <atomic>
#include <cstdint>

#include "allocator/base/bytes.h"
#include "allocator/device/device.h"

namespace vkmembench {

// Accounts for the device memory objects held: bytes by heap, objects, and the limits they are held to. Safe from any
// thread, and meant to be shared by every allocator of a device. Usage is our own count; what others hold is not in it.
class MemoryBudget {
 public:
  explicit MemoryBudget(const DeviceInfo& device);
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // Accounts for one object; VK_ERROR_TOO_MANY_OBJECTS at maxMemoryAllocationCount, VK_ERROR_OUT_OF_DEVICE_MEMORY above
  // maxMemoryAllocationSize, from a remembered refusal's size on or, within the budget, above what it leaves. Nothing
  // is counted on failure.
  [[nodiscard]] VkResult take(std::uint32_t heap, Bytes bytes, bool within_budget);
  // Ends what take() began: with the object, which give() takes off the account one day, or with the device's failure.
  // A refusal for lack of memory is remembered until something of the heap is given back or its budget changes, so that
  // a full heap is not asked again by every allocation.
  void taken(std::uint32_t heap);
  void not_taken(std::uint32_t heap, Bytes bytes, VkResult failure);
  void give(std::uint32_t heap, Bytes bytes);  // Requires bytes that take() counted.

  [[nodiscard]] bool remembers_refusals() const;
  void forget_refusals();

  void set_budget(std::uint32_t heap, Bytes bytes);
  [[nodiscard]] Bytes budget(std::uint32_t heap) const { return heaps_[heap].budget.load(std::memory_order_relaxed); }
  [[nodiscard]] Bytes reserved(std::uint32_t heap) const {
    return heaps_[heap].reserved.load(std::memory_order_relaxed);
  }
  [[nodiscard]] Bytes peak(std::uint32_t heap) const { return heaps_[heap].peak.load(std::memory_order_relaxed); }
  [[nodiscard]] Bytes total_reserved() const { return total_.load(std::memory_order_relaxed); }
  [[nodiscard]] Bytes total_peak() const { return total_peak_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint32_t objects() const { return objects_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint32_t objects_peak() const { return objects_peak_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint32_t objects_left() const {
    const std::uint32_t held = objects();
    return held < max_objects_ ? max_objects_ - held : 0;
  }
  // Whether so many objects are held that the rest should not go to small ones.
  [[nodiscard]] bool crowded() const { return objects() >= max_objects_ - max_objects_ / 4; }

 private:
  static constexpr Bytes kNothingRefused = ~Bytes{0};
  struct Heap {
    std::atomic<Bytes> reserved{0};
    std::atomic<Bytes> peak{0};
    std::atomic<Bytes> budget{0};
    std::atomic<Bytes> refused{kNothingRefused};  // the least that the device refused
  };
  void unbook(std::uint32_t heap, Bytes bytes);

  std::array<Heap, VK_MAX_MEMORY_HEAPS> heaps_;
  std::atomic<Bytes> total_{0};
  std::atomic<Bytes> total_peak_{0};
  std::atomic<std::uint32_t> objects_{0};
  std::atomic<std::uint32_t> objects_peak_{0};
  std::uint32_t max_objects_;
  Bytes max_object_bytes_;
};

}  // namespace vkmembench
