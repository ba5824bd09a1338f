#pragma once

#include <memory>
#include <memory_resource>
#include <utility>

namespace vkmembench {

// Destroys an object and gives its memory back to the resource that it is from.
template <class T>
struct PmrDelete {
  std::pmr::memory_resource* memory = nullptr;
  void operator()(T* object) const { std::pmr::polymorphic_allocator<>(memory).delete_object(object); }
};

// An object in memory of a resource, and its one owner. The resource outlives it.
template <class T>
using PmrPtr = std::unique_ptr<T, PmrDelete<T>>;

// Throws std::bad_alloc, and what T's constructor throws.
template <class T, class... Arguments>
[[nodiscard]] PmrPtr<T> make_pmr(std::pmr::memory_resource& memory, Arguments&&... arguments) {
  return PmrPtr<T>(std::pmr::polymorphic_allocator<>(&memory).new_object<T>(std::forward<Arguments>(arguments)...),
                   PmrDelete<T>{&memory});
}

}  // namespace vkmembench
