#include "allocator/base/os/posix/spawn_support.h"
#include "allocator/base/os/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>

namespace vkmembench {

int open_pipe(int (&ends)[2]) { return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno; }

void end_with_parent() { prctl(PR_SET_PDEATHSIG, SIGKILL); }

void wait_for_signal(const sigset_t& signals) {
  constexpr timespec kPatience{0, 50'000'000};
  sigtimedwait(&signals, nullptr, &kPatience);
}

}  // namespace vkmembench
