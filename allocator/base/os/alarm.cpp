#include "allocator/base/os/alarm.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <system_error>
#include <utility>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

using Clock = std::chrono::steady_clock;

// Whether the descriptor became readable before the time came.
bool readable_before(int descriptor, Clock::time_point when) {
  constexpr std::int64_t kLongest = 3'600'000;  // poll() counts in ints
  while (true) {
    const std::int64_t left = std::chrono::ceil<std::chrono::milliseconds>(when - Clock::now()).count();
    if (left <= 0) return false;
    pollfd wanted{descriptor, POLLIN, 0};
    if (poll(&wanted, 1, static_cast<int>(std::min(left, kLongest))) > 0) return true;
  }
}

// Signals are for the threads that work: a new thread takes none.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Alarm::Alarm(Clock::time_point when, std::function<void()> ring) : wake_(eventfd(0, EFD_CLOEXEC)) {
  if (wake_ < 0)
    throw Error("a timeout needs a file descriptor, and none is left; raise `ulimit -n`", ErrorKind::internal);
  const NoSignals inherited;
  try {
    thread_ = std::thread([wake = wake_, when, ring = std::move(ring)] {
      if (!readable_before(wake, when)) ring();
    });
  } catch (const std::system_error& error) {
    close(wake_);
    throw Error(std::string("a timeout needs a thread, and none can be started: ") + error.what() +
                    "; raise `ulimit -u` and `ulimit -v`",
                ErrorKind::internal);
  }
}

Alarm::~Alarm() {
  eventfd_write(wake_, 1);
  thread_.join();
  close(wake_);
}

}  // namespace vkmembench
