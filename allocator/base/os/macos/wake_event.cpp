// Not tried: written without a machine that runs macOS.
#include "allocator/base/os/wake_event.h"

#include <fcntl.h>
#include <unistd.h>

#include "allocator/base/error.h"
#include "allocator/base/os/posix/wait_readable.h"

namespace vkmembench {

struct WakeEvent::Handles {
  int ends[2];  // of a pipe; the first is readable once it is raised
};

WakeEvent::WakeEvent() : handles_(new Handles{}) {
  if (pipe(handles_->ends) != 0)
    throw Error("a timeout needs file descriptors, and none is left; raise `ulimit -n`", ErrorKind::internal);
  for (const int end : handles_->ends) fcntl(end, F_SETFD, FD_CLOEXEC);
}

WakeEvent::~WakeEvent() {
  for (const int end : handles_->ends) close(end);
}

void WakeEvent::raise() { [[maybe_unused]] const ssize_t written = write(handles_->ends[1], "", 1); }

bool WakeEvent::raised_before(std::chrono::steady_clock::time_point when) const {
  return readable_before(handles_->ends[0], when);
}

}  // namespace vkmembench
