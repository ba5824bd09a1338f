#include "allocator/base/os/posix/wait_readable.h"

#include <poll.h>

#include <algorithm>
#include <cstdint>

namespace vkmembench {

bool readable_before(int descriptor, std::chrono::steady_clock::time_point when) {
  using Clock = std::chrono::steady_clock;
  constexpr std::int64_t kLongest = 3'600'000;  // poll() counts in ints
  while (true) {
    const std::int64_t left = std::chrono::ceil<std::chrono::milliseconds>(when - Clock::now()).count();
    if (left <= 0) return false;
    pollfd wanted{descriptor, POLLIN, 0};
    if (poll(&wanted, 1, static_cast<int>(std::min(left, kLongest))) > 0) return true;
  }
}

}  // namespace vkmembench
