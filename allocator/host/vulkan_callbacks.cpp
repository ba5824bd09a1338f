#include "allocator/host/vulkan_callbacks.h"

#include <algorithm>
#include <exception>

#include "allocator/base/error.h"
#include "allocator/host/host_operation.h"

namespace vkmembench {
namespace {

std::size_t scope_index(VkSystemAllocationScope scope) {
  return std::min(static_cast<std::size_t>(scope), static_cast<std::size_t>(HostScope::unknown));
}
VulkanCallbacks& self(void* user) { return *static_cast<VulkanCallbacks*>(user); }

template <class Number>
void count(std::atomic<Number>& counter, Number more = 1) {
  counter.fetch_add(more, std::memory_order_relaxed);
}

}  // namespace

VulkanCallbacks::VulkanCallbacks(HostTracker& tracker, std::string_view base)
    : tracker_(tracker),
      accounts_(
          std::make_unique<std::atomic<std::uint32_t>[]>(std::size_t{tracker.max_categories()} * kHostScopeCount)) {
  for (std::size_t scope = 0; scope < kHostScopeCount; ++scope)
    categories_[scope] = tracker.category(std::string(base) + "::" + std::string(kHostScopeNames[scope]));
  callbacks_.pUserData = this;
  callbacks_.pfnAllocation = [](void* user, std::size_t size, std::size_t alignment, VkSystemAllocationScope scope) {
    return self(user).allocate(size, alignment, scope_index(scope));
  };
  callbacks_.pfnReallocation = [](void* user, void* original, std::size_t size, std::size_t alignment,
                                  VkSystemAllocationScope scope) {
    return self(user).reallocate(original, size, alignment, scope_index(scope));
  };
  callbacks_.pfnFree = [](void* user, void* memory) { self(user).tracker_.free(memory); };
  callbacks_.pfnInternalAllocation = [](void* user, std::size_t size, VkInternalAllocationType,
                                        VkSystemAllocationScope scope) {
    Counters& counters = self(user).counters_[scope_index(scope)];
    count(counters.internal_allocations);
    count(counters.internal_allocated_bytes, Bytes{size});
  };
  callbacks_.pfnInternalFree = [](void* user, std::size_t size, VkInternalAllocationType,
                                  VkSystemAllocationScope scope) {
    Counters& counters = self(user).counters_[scope_index(scope)];
    count(counters.internal_frees);
    count(counters.internal_freed_bytes, Bytes{size});
  };
}

Account VulkanCallbacks::account(std::size_t scope) noexcept {
  const Category operation = HostOperation::current(tracker_);
  const Account plain{categories_[scope].row};
  if (operation == Category{}) return plain;
  std::atomic<std::uint32_t>& known = accounts_[operation.row * kHostScopeCount + scope];
  if (const std::uint32_t row = known.load(std::memory_order_acquire); row != 0) return {row};
  try {
    const Category made = tracker_.category(tracker_.path(categories_[scope]) + "::" + tracker_.path(operation));
    known.store(made.row, std::memory_order_release);
    return {made.row};
  } catch (const Error&) {
    known.store(plain.row, std::memory_order_release);  // too many names
  } catch (const std::exception&) {                     // no memory for another
  }
  return plain;
}

void* VulkanCallbacks::counted(void* pointer, std::size_t scope) noexcept {
  if (pointer == nullptr) count(counters_[scope].refusals);
  return pointer;
}

void* VulkanCallbacks::allocate(std::size_t size, std::size_t alignment, std::size_t scope) noexcept {
  try {
    return counted(tracker_.allocate(size, alignment, account(scope)), scope);
  } catch (const std::exception&) {
    return counted(nullptr, scope);  // an alignment or a size that nobody can serve
  }
}

void* VulkanCallbacks::reallocate(void* original, std::size_t size, std::size_t alignment, std::size_t scope) noexcept {
  if (original == nullptr) return allocate(size, alignment, scope);
  if (size == 0) {
    tracker_.free(original);
    return nullptr;
  }
  try {
    void* moved = counted(tracker_.reallocate(original, size), scope);
    if (moved != nullptr) count(counters_[scope].reallocations);
    return moved;
  } catch (const std::exception&) {
    return counted(nullptr, scope);
  }
}

std::array<VulkanScopeCounts, kHostScopeCount> VulkanCallbacks::counts() const {
  std::array<VulkanScopeCounts, kHostScopeCount> all;
  for (std::size_t scope = 0; scope < all.size(); ++scope) {
    const Counters& counters = counters_[scope];
    const auto read = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
    all[scope] = {read(counters.reallocations),
                  read(counters.refusals),
                  read(counters.internal_allocations),
                  read(counters.internal_frees),
                  read(counters.internal_allocated_bytes),
                  read(counters.internal_freed_bytes)};
  }
  return all;
}

}  // namespace vkmembench
