#include "scenarios/recording/call_queue.h"

#include <utility>

namespace vkmembench {
void CallQueue::push(CapturedCall&& call) {
  bool is_many = false;
  {
    std::unique_lock lock(mutex_);
    if (calls_.size() >= kTooMany) [[unlikely]]
      taken_.wait(lock, [&] { return calls_.size() < kTooMany || closed_; });
    if (closed_) return;
    calls_.push_back(std::move(call));
    is_many = calls_.size() == kMany;
  }
  if (is_many) filled_.notify_one();
}

void CallQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  filled_.notify_one();
  taken_.notify_all();
}

bool CallQueue::take(std::vector<CapturedCall>& calls, std::chrono::milliseconds at_most) {
  calls.clear();
  std::unique_lock lock(mutex_);
  filled_.wait_for(lock, at_most, [&] { return calls_.size() >= kMany || closed_; });
  calls_.swap(calls);
  const bool goes_on = !closed_ || !calls.empty();
  lock.unlock();
  taken_.notify_all();
  return goes_on;
}

}  // namespace vkmembench
