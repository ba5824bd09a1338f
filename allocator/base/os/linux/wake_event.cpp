#include "allocator/base/os/wake_event.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "allocator/base/error.h"
#include "allocator/base/os/posix/wait_readable.h"

namespace vkmembench {

struct WakeEvent::Handles {
  int descriptor;  // readable once it is raised
};

WakeEvent::WakeEvent() : handles_(new Handles{eventfd(0, EFD_CLOEXEC)}) {
  if (handles_->descriptor < 0)
    throw Error("a timeout needs a file descriptor, and none is left; raise `ulimit -n`", ErrorKind::internal);
}

WakeEvent::~WakeEvent() { close(handles_->descriptor); }

void WakeEvent::raise() { eventfd_write(handles_->descriptor, 1); }

bool WakeEvent::raised_before(std::chrono::steady_clock::time_point when) const {
  return readable_before(handles_->descriptor, when);
}

}  // namespace vkmembench
