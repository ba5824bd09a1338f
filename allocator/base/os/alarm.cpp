#include "allocator/base/os/alarm.h"

#include <string>
#include <system_error>
#include <utility>

#include "allocator/base/error.h"
#include "allocator/base/os/signals.h"

namespace vkmembench {

Alarm::Alarm(std::chrono::steady_clock::time_point when, std::function<void()> ring) {
  try {
    thread_ = start_without_signals([this, when, ring = std::move(ring)] {
      if (!off_.raised_before(when)) ring();
    });
  } catch (const std::system_error& error) {
    throw Error(std::string("a timeout needs a thread, and none can be started: ") + error.what() +
                    "; raise `ulimit -u` and `ulimit -v`",
                ErrorKind::internal);
  }
}

Alarm::~Alarm() {
  off_.raise();
  thread_.join();
}

}  // namespace vkmembench
