#pragma once

#include "allocator/host/host_tracker.h"

namespace vkmembench {

// Names what the calling thread does as long as it lives: VulkanCallbacks of the same tracker count what the driver
// asks for meanwhile under it. The innermost one counts. Destroyed in the reverse order of their making, on the same
// thread.
class HostOperation {
 public:
  HostOperation(const HostTracker& tracker, Category category) noexcept
      : tracker_(tracker), category_(category), around_(t_innermost) {
    t_innermost = this;
  }
  ~HostOperation() { t_innermost = around_; }
  HostOperation(const HostOperation&) = delete;
  HostOperation& operator=(const HostOperation&) = delete;

  // Everything when the thread does nothing that has a name with this tracker.
  [[nodiscard]] static Category current(const HostTracker& tracker) noexcept {
    for (const HostOperation* operation = t_innermost; operation != nullptr; operation = operation->around_)
      if (&operation->tracker_ == &tracker) return operation->category_;
    return {};
  }

 private:
  static inline constinit thread_local const HostOperation* t_innermost = nullptr;

  const HostTracker& tracker_;
  const Category category_;
  const HostOperation* const around_;
};

}  // namespace vkmembench
