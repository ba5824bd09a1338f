#include "scenarios/trace_limits.h"

#include <fmt/format.h>

#include "allocator/base/error.h"

namespace vkmembench {

void Stop::check() const {
  const int number = signal == nullptr ? 0 : signal->load(std::memory_order_relaxed);
  if (number != 0) throw Error("interrupted: nothing was written; run it again", static_cast<ExitCode>(128 + number));
  if (deadline && std::chrono::steady_clock::now() > *deadline)
    throw Error(
        "--timeout was reached before the trace was made: nothing was written; give it more time or a smaller scale",
        ExitCode::internal);
}

void TraceLimits::check(std::uint64_t count) const {
  if (count > events)
    throw Error(
        fmt::format("more than {} events or objects in a trace; use a smaller scale or a shorter trace", events));
}

}  // namespace vkmembench
