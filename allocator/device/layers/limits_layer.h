#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <unordered_map>

#include "allocator/device/layers/layer.h"

namespace vkmembench {

// Where the budget that a strategy can ask for comes from.
enum class BudgetSource : std::uint8_t { fixed, driver };

// Enforces heap sizes, maxMemoryAllocationSize and maxMemoryAllocationCount as DeviceInfo states them, over real
// drivers (many enforce nothing) and simulated ones alike, and answers budget queries: usage is this layer's own count,
// the budget is the one set here, or the driver's live one with BudgetSource::driver. Safe from any thread.
class LimitsLayer : public Layer<LimitsLayer> {
 public:
  explicit LimitsLayer(const Device& next, BudgetSource source = BudgetSource::fixed);

  // The effective budget from now on. Requires heap < memoryHeapCount.
  void set_budget(std::uint32_t heap, Bytes bytes) { budgets_[heap].store(bytes, std::memory_order_relaxed); }
  [[nodiscard]] Bytes budget(std::uint32_t heap) const { return budgets_[heap].load(std::memory_order_relaxed); }
  [[nodiscard]] Bytes usage(std::uint32_t heap) const { return usage_[heap].load(std::memory_order_relaxed); }

  [[nodiscard]] std::uint32_t object_count() const { return count_.load(std::memory_order_relaxed); }

  [[nodiscard]] static constexpr bool intercepts(EntryPoint entry) {
    return entry == EntryPoint::allocate_memory || entry == EntryPoint::free_memory ||
           entry == EntryPoint::get_physical_device_memory_properties2;
  }
  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&... args) {
    if constexpr (E == EntryPoint::allocate_memory) {
      return allocate(call, args...);
    } else if constexpr (E == EntryPoint::free_memory) {
      forget(args...);
      call();
    } else {
      call();
      answer_budget(args...);
    }
  }

 private:
  template <typename Call>
  VkResult allocate(const Call& call, const VkMemoryAllocateInfo* info, const VkAllocationCallbacks*,
                    const VkDeviceMemory* memory) {
    if (const VkResult refusal = reserve(*info); refusal != VK_SUCCESS) return refusal;
    const VkResult result = call();
    settle(*info, result, result == VK_SUCCESS ? *memory : VK_NULL_HANDLE);
    return result;
  }
  VkResult reserve(const VkMemoryAllocateInfo& info);
  void settle(const VkMemoryAllocateInfo& info, VkResult result, VkDeviceMemory memory);
  void forget(VkDeviceMemory memory, const VkAllocationCallbacks*);
  void answer_budget(VkPhysicalDeviceMemoryProperties2* properties) const;

  struct Object {
    Bytes size;
    std::uint32_t heap;
  };
  BudgetSource source_;
  std::array<std::atomic<Bytes>, VK_MAX_MEMORY_HEAPS> budgets_{};
  std::array<std::atomic<Bytes>, VK_MAX_MEMORY_HEAPS> usage_{};
  std::atomic<std::uint32_t> count_{0};
  std::mutex mutex_;
  std::unordered_map<VkDeviceMemory, Object> objects_;
};

}  // namespace vkmembench
