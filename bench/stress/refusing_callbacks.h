#pragma once

#include <vulkan/vulkan_core.h>

#include <atomic>
#include <cstdint>

#include "allocator/base/bytes.h"
#include "allocator/base/os/aligned_memory.h"

namespace vkmembench {

// VkAllocationCallbacks over the runtime's memory that refuse one request, and count. Safe from any thread.
class RefusingCallbacks {
 public:
  // Refuses the nth request, 1 = the first; 0: none.
  explicit RefusingCallbacks(std::uint64_t nth) : nth_(nth) {
    callbacks_.pUserData = this;
    callbacks_.pfnAllocation = allocate;
    callbacks_.pfnFree = free;
  }
  RefusingCallbacks(const RefusingCallbacks&) = delete;
  RefusingCallbacks& operator=(const RefusingCallbacks&) = delete;

  [[nodiscard]] const VkAllocationCallbacks* get() const { return &callbacks_; }
  [[nodiscard]] std::uint64_t requests() const { return requests_.load(); }
  [[nodiscard]] bool fired() const { return nth_ != 0 && requests() >= nth_; }
  [[nodiscard]] std::int64_t live() const { return live_.load(); }

 private:
  static void* VKAPI_PTR allocate(void* user, std::size_t size, std::size_t alignment, VkSystemAllocationScope) {
    auto& self = *static_cast<RefusingCallbacks*>(user);
    if (self.requests_.fetch_add(1) + 1 == self.nth_) return nullptr;
    self.live_.fetch_add(1);
    return take_aligned(alignment, align_up(size, alignment));
  }
  static void VKAPI_PTR free(void* user, void* memory) {
    if (memory != nullptr) static_cast<RefusingCallbacks*>(user)->live_.fetch_sub(1);
    give_aligned_back(memory);
  }

  VkAllocationCallbacks callbacks_{};
  std::uint64_t nth_;
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<std::int64_t> live_{0};
};

}  // namespace vkmembench
