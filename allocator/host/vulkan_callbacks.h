#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "allocator/base/bytes.h"
#include "allocator/base/named_enum.h"
#include "allocator/host/host_tracker.h"

namespace vkmembench {

// VkSystemAllocationScope by its value; `unknown` is what newer headers may add.
#define VKMEMBENCH_HOST_SCOPES(X) X(command) X(object) X(cache) X(device) X(instance) X(unknown)
VKMEMBENCH_NAMED_ENUM(HostScope, VKMEMBENCH_HOST_SCOPES);
inline constexpr std::size_t kHostScopeCount = kHostScopeNames.size();

// What a user of VulkanCallbacks did in one scope, beside the allocations that the tracker counts.
struct VulkanScopeCounts {
  std::uint64_t reallocations = 0;  // from one size to another
  std::uint64_t refusals = 0;       // that got no memory
  // Notified only: memory that the driver took from elsewhere.
  std::uint64_t internal_allocations = 0;
  std::uint64_t internal_frees = 0;
  Bytes internal_allocated_bytes = 0;
  Bytes internal_freed_bytes = 0;
  // 0 when more frees than allocations were notified.
  [[nodiscard]] Bytes internal_live_bytes() const {
    return internal_allocated_bytes > internal_freed_bytes ? internal_allocated_bytes - internal_freed_bytes : 0;
  }
};

// VkAllocationCallbacks over a tracker, for a driver or VMA. An allocation is counted on `<base>::<scope>`, or on
// `<base>::<scope>::<operation>` where a HostOperation of the calling thread names one; reallocated memory stays where
// it was counted first. Behaves as the Vulkan specification asks (chapter "Memory Allocation", "Host Memory"): no
// memory is a null pointer, nothing throws. Safe from any thread. Must outlive every Vulkan object made with it.
class VulkanCallbacks {
 public:
  // Throws Error when the base is no category path. Requires that the tracker outlives this.
  VulkanCallbacks(HostTracker& tracker, std::string_view base);
  VulkanCallbacks(const VulkanCallbacks&) = delete;
  VulkanCallbacks& operator=(const VulkanCallbacks&) = delete;

  [[nodiscard]] const VkAllocationCallbacks* get() const { return &callbacks_; }
  // The category of all allocations of a scope.
  [[nodiscard]] Category category(HostScope scope) const { return categories_[static_cast<std::size_t>(scope)]; }
  [[nodiscard]] std::array<VulkanScopeCounts, kHostScopeCount> counts() const;

 private:
  struct Counters {
    std::atomic<std::uint64_t> reallocations{0};
    std::atomic<std::uint64_t> refusals{0};
    std::atomic<std::uint64_t> internal_allocations{0};
    std::atomic<std::uint64_t> internal_frees{0};
    std::atomic<Bytes> internal_allocated_bytes{0};
    std::atomic<Bytes> internal_freed_bytes{0};
  };

  void* allocate(std::size_t size, std::size_t alignment, std::size_t scope) noexcept;
  void* reallocate(void* original, std::size_t size, std::size_t alignment, std::size_t scope) noexcept;
  void* counted(void* pointer, std::size_t scope) noexcept;
  Account account(std::size_t scope) noexcept;

  HostTracker& tracker_;
  std::array<Category, kHostScopeCount> categories_;
  // The account of an operation in a scope, 0 before it is first asked for; by category, then scope.
  std::unique_ptr<std::atomic<std::uint32_t>[]> accounts_;
  std::array<Counters, kHostScopeCount> counters_;
  VkAllocationCallbacks callbacks_{};
};

}  // namespace vkmembench
