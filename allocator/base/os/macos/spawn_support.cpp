// Not tried: written without a machine that runs macOS.
#include "allocator/base/os/posix/spawn_support.h"
#include "allocator/base/os/child_process.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace vkmembench {

int open_pipe(int (&ends)[2]) {
  if (pipe(ends) != 0) return errno;
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  return 0;
}

void end_with_parent() {}

// The system has no wait with a limit, so it is looked often.
void wait_for_signal(const sigset_t& /*signals*/) {
  constexpr timespec kMoment{0, 2'000'000};
  nanosleep(&kMoment, nullptr);
}

}  // namespace vkmembench
