#include "allocator/base/os/process_limits.h"

#include "allocator/base/os/windows/api.h"
// After the system's header, which it needs.
#include <psapi.h>

namespace vkmembench {

std::uint64_t peak_resident_bytes() {
  PROCESS_MEMORY_COUNTERS counters{};
  counters.cb = sizeof counters;
  return K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters) != 0 ? counters.PeakWorkingSetSize
                                                                                       : 0;
}

void reset_peak_resident() {}

std::optional<std::uint64_t> address_space_limit() { return std::nullopt; }

}  // namespace vkmembench
