#include "bench/replay/measured/lane_threads.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "allocator/base/error.h"

namespace vkmembench {

void run_on_threads(std::uint32_t lane_count, const std::function<void(std::uint32_t lane)>& run_lane) {
  enum class Start : std::uint8_t { wait, go, leave };
  Start start = Start::wait;
  std::mutex mutex;
  std::condition_variable announced;
  const auto announce = [&](Start what) {
    const std::lock_guard lock(mutex);
    start = what;
    announced.notify_all();
  };
  std::vector<std::jthread> threads;
  try {
    for (std::uint32_t lane = 0; lane < lane_count; ++lane) {
      threads.emplace_back([&, lane] {
        std::unique_lock lock(mutex);
        announced.wait(lock, [&] { return start != Start::wait; });
        lock.unlock();
        if (start == Start::go) run_lane(lane);
      });
    }
  } catch (const std::exception& error) {
    announce(Start::leave);
    throw Error(
        fmt::format("--replay concurrent: thread {} of {}, one a lane, cannot be started: {}; raise `ulimit -u` "
                    "and `ulimit -v`, or replay in order",
                    threads.size() + 1, lane_count, error.what()),
        ErrorKind::internal);
  }
  announce(Start::go);
}

}  // namespace vkmembench
