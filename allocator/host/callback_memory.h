#pragma once

#include <vulkan/vulkan_core.h>

#include <memory_resource>
#include <new>

namespace vkmembench {

// A std::pmr resource over a program's VkAllocationCallbacks, in the scope of objects; over the runtime's memory
// without them. They outlive it.
class CallbackMemory : public std::pmr::memory_resource {
 public:
  explicit CallbackMemory(const VkAllocationCallbacks* callbacks) noexcept : callbacks_(callbacks) {}

 private:
  // Throws std::bad_alloc.
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (callbacks_ == nullptr) return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    void* memory =
        callbacks_->pfnAllocation(callbacks_->pUserData, bytes, alignment, VK_SYSTEM_ALLOCATION_SCOPE_OBJECT);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
  }
  void do_deallocate(void* pointer, std::size_t bytes, std::size_t alignment) override {
    if (callbacks_ == nullptr)
      std::pmr::new_delete_resource()->deallocate(pointer, bytes, alignment);
    else
      callbacks_->pfnFree(callbacks_->pUserData, pointer);
  }
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    const auto* memory = dynamic_cast<const CallbackMemory*>(&other);
    return memory != nullptr && memory->callbacks_ == callbacks_;
  }

  const VkAllocationCallbacks* callbacks_;
};

}  // namespace vkmembench
