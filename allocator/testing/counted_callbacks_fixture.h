#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <limits>

#include "allocator/base/bytes.h"
#include "allocator/base/os/aligned_memory.h"

namespace vkmembench {

// VkAllocationCallbacks over the runtime's memory that count what is live, and refuse when told to. For one thread.
class CountedCallbacks {
 public:
  CountedCallbacks() {
    callbacks_.pUserData = this;
    callbacks_.pfnAllocation = allocate;
    callbacks_.pfnFree = free;
  }
  CountedCallbacks(const CountedCallbacks&) = delete;
  CountedCallbacks& operator=(const CountedCallbacks&) = delete;

  [[nodiscard]] const VkAllocationCallbacks* get() const { return &callbacks_; }
  // Refuses `count` allocations from the nth on, counted from 0.
  void refuse(std::uint64_t nth, std::uint64_t count) {
    refuse_from_ = nth;
    refuse_count_ = count;
  }

  std::uint64_t calls = 0;
  std::uint64_t refused = 0;
  std::uint64_t live = 0;

 private:
  static void* VKAPI_PTR allocate(void* user, std::size_t size, std::size_t alignment, VkSystemAllocationScope) {
    auto& self = *static_cast<CountedCallbacks*>(user);
    const std::uint64_t nth = self.calls++;
    if (nth >= self.refuse_from_ && nth - self.refuse_from_ < self.refuse_count_) {
      ++self.refused;
      return nullptr;
    }
    ++self.live;
    return take_aligned(alignment, align_up(size, alignment));
  }
  static void VKAPI_PTR free(void* user, void* memory) {
    if (memory == nullptr) return;
    --static_cast<CountedCallbacks*>(user)->live;
    give_aligned_back(memory);
  }

  VkAllocationCallbacks callbacks_{};
  std::uint64_t refuse_from_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t refuse_count_ = 0;
};

}  // namespace vkmembench
