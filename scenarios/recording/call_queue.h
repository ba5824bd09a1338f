#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "scenarios/recording/captured_call.h"

namespace vkmembench {

// The calls of all threads of a program, in one order: who holds a lock for the time of an append. One thread takes
// them.
class CallQueue {
 public:
  CallQueue() { calls_.reserve(2 * kMany); }

  // Drops the call once the queue is closed. Waits while the taker is far behind.
  void push(CapturedCall&& call);
  // No more calls come.
  void close();

  // Puts the calls that wait into `calls`, which it empties first, once there is a reason: a frame ended, many wait,
  // the queue was closed, or the time is over. False when it is closed and empty.
  [[nodiscard]] bool take(std::vector<CapturedCall>& calls, std::chrono::milliseconds at_most);

 private:
  static constexpr std::size_t kMany = 4096;
  static constexpr std::size_t kTooMany = std::size_t{1} << 18;

  std::mutex mutex_;
  std::condition_variable filled_, taken_;
  std::vector<CapturedCall> calls_;
  bool closed_ = false;
};

}  // namespace vkmembench
