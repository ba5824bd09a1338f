#include "allocator/base/os/cpu_instructions.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

// Pinned: it counts all the time, or it is taken away for good.
perf_event_attr attributes() {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.config = PERF_COUNT_HW_INSTRUCTIONS;
  attributes.pinned = 1;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  return attributes;
}

std::string why_not(int error) {
  switch (error) {
    case EACCES:
      return "this user may not ask the CPU what it counts; 'sudo sysctl kernel.perf_event_paranoid=2' allows it";
    case EPERM:
      return "nobody may ask the CPU what it counts in this container; 'docker run --cap-add PERFMON' allows it";
    case ENOENT:
    case ENODEV:
    case EOPNOTSUPP:
      return "the CPU counts no instructions here, as in most virtual machines";
    case ENOSYS:
      return "this kernel tells no counts of the CPU";
    default:
      return std::string("the kernel tells no counts of the CPU: ") + std::strerror(error);
  }
}

}  // namespace

CpuInstructions::CpuInstructions() {
  perf_event_attr wanted = attributes();
  counter_ = static_cast<int>(syscall(SYS_perf_event_open, &wanted, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
  if (counter_ < 0) throw Error(why_not(errno));
}

CpuInstructions::~CpuInstructions() { close(counter_); }

std::uint64_t CpuInstructions::read() noexcept {
  std::uint64_t count = 0;
  if (::read(counter_, &count, sizeof count) != sizeof count) whole_ = false;
  return count;
}

}  // namespace vkmembench
