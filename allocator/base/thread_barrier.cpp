#include "allocator/base/thread_barrier.h"

namespace vkmembench {

void ThreadBarrier::arrive_and_wait() {
  std::unique_lock lock(mutex_);
  if (--missing_ == 0) return meet();
  const std::uint64_t before = meetings_;
  met_.wait(lock, [&] { return meetings_ != before; });
}

void ThreadBarrier::arrive_and_drop() {
  const std::lock_guard lock(mutex_);
  --count_;
  if (--missing_ == 0) meet();
}

void ThreadBarrier::meet() {
  missing_ = count_;
  ++meetings_;
  met_.notify_all();
}

}  // namespace vkmembench
