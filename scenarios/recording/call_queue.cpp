#include "scenarios/recording/call_queue.h"

#include <utility>

namespace vkmembench {
namespace {

bool ends_frame(CallKind kind) {
  return kind == CallKind::submit || kind == CallKind::present || kind == CallKind::frame_boundary;
}

}  // namespace

void CallQueue::push(CapturedCall&& call) {
  bool notify = false;
  {
    std::unique_lock lock(mutex_);
    if (calls_.size() >= kTooMany) [[unlikely]]
      taken_.wait(lock, [&] { return calls_.size() < kTooMany || closed_; });
    if (closed_) return;
    const bool is_reason = ends_frame(call.kind) || calls_.size() >= kMany;
    calls_.push_back(std::move(call));
    notify = is_reason && !wake_;
    wake_ = wake_ || is_reason;
  }
  if (notify) filled_.notify_one();
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
  filled_.wait_for(lock, at_most, [&] { return wake_ || closed_; });
  wake_ = false;
  calls_.swap(calls);
  const bool goes_on = !closed_ || !calls.empty();
  lock.unlock();
  taken_.notify_all();
  return goes_on;
}

}  // namespace vkmembench
