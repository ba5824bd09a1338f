#include "bench/replay/counting/fresh_heaps.h"

#include <utility>

#include "allocator/base/os/heaps.h"

namespace vkmembench {

FreshHeaps::FreshHeaps() { allow_a_heap_for_each_thread(); }

FreshHeaps::~FreshHeaps() {
  over_.set_value();
  for (std::thread& thread : threads_) thread.join();
}

void FreshHeaps::run(const std::function<void()>& work) {
  std::promise<void> done;
  std::future<void> result = done.get_future();
  threads_.emplace_back([&work, until = until_, done = std::move(done)]() mutable {
    try {
      work();
      done.set_value();
    } catch (...) {
      done.set_exception(std::current_exception());
    }
    until.wait();
  });
  result.get();
}

}  // namespace vkmembench
