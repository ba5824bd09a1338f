#pragma once

#include <functional>
#include <future>
#include <thread>
#include <vector>

namespace vkmembench {

// Does work on threads that take their memory from a heap of their own, which nobody used before: what malloc() does
// then depends on the work alone, and not on what the process did earlier or how long the words are that it was given.
// The threads live as long as this, so that none gets another's heap.
class FreshHeaps {
 public:
  FreshHeaps();
  ~FreshHeaps();
  FreshHeaps(const FreshHeaps&) = delete;
  FreshHeaps& operator=(const FreshHeaps&) = delete;

  // Returns, or throws what it threw, once the work is done.
  void run(const std::function<void()>& work);

 private:
  std::promise<void> over_;
  std::shared_future<void> until_{over_.get_future()};
  std::vector<std::thread> threads_;
};

}  // namespace vkmembench
