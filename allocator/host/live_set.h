#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <unordered_set>

namespace vkmembench {

// Every live pointer of a tracker in checked mode. Safe from any thread; costs a lock and a node a pointer.
class LiveSet {
 public:
  // Throws std::bad_alloc.
  void insert(const void* pointer) {
    Part& part = part_of(pointer);
    const std::lock_guard lock(part.mutex);
    part.pointers.insert(pointer);
  }
  // False when the pointer is not there.
  [[nodiscard]] bool erase(const void* pointer) noexcept {
    Part& part = part_of(pointer);
    const std::lock_guard lock(part.mutex);
    return part.pointers.erase(pointer) == 1;
  }
  [[nodiscard]] bool contains(const void* pointer) {
    Part& part = part_of(pointer);
    const std::lock_guard lock(part.mutex);
    return part.pointers.contains(pointer);
  }
  // Calls `visit` for each; none of them leaves before it returned.
  template <class Visit>
  void for_each(const Visit& visit) {
    for (Part& part : parts_) {
      const std::lock_guard lock(part.mutex);
      for (const void* pointer : part.pointers) visit(pointer);
    }
  }

 private:
  struct alignas(64) Part {
    std::mutex mutex;
    std::unordered_set<const void*> pointers;
  };
  Part& part_of(const void* pointer) {
    return parts_[(reinterpret_cast<std::uintptr_t>(pointer) / 64) % parts_.size()];
  }

  std::array<Part, 64> parts_;
};

}  // namespace vkmembench
