#include <sys/resource.h>

#include <fstream>

#include "allocator/base/os/process_limits.h"

namespace vkmembench {

std::uint64_t peak_resident_bytes() {
  constexpr std::uint64_t kKilobyte = 1024;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * kKilobyte;
}

void reset_peak_resident() { std::ofstream("/proc/self/clear_refs") << "5"; }

}  // namespace vkmembench
