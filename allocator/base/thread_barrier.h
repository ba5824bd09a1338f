#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace vkmembench {

// Where threads wait for each other, again and again: std::barrier, of a lock and a condition. That of libstdc++ 12,
// its std::latch and std::atomic::wait() sleep through what wakes them where a system has no futexes, as Windows.
class ThreadBarrier {
 public:
  explicit ThreadBarrier(std::size_t count) : count_(count), missing_(count) {}

  // Returns once all have arrived. Requires as many threads as the count less those that left.
  void arrive_and_wait();
  // Arrives, and from then on nobody waits for this thread.
  void arrive_and_drop();

 private:
  void meet();

  std::mutex mutex_;
  std::condition_variable met_;
  std::size_t count_;
  std::size_t missing_;
  std::uint64_t meetings_ = 0;
};

}  // namespace vkmembench
