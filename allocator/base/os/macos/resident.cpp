// Not tried: written without a machine that runs macOS.
#include <sys/resource.h>

#include "allocator/base/os/process_limits.h"

namespace vkmembench {

std::uint64_t peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss);  // in bytes there
}

void reset_peak_resident() {}

}  // namespace vkmembench
