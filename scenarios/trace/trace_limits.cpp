#include "scenarios/trace/trace_limits.h"

#include <fmt/format.h>

#include "allocator/base/error.h"

namespace vkmembench {

void TraceLimits::check(std::uint64_t count) const {
  if (count > events)
    throw Error(
        fmt::format("more than {} events or objects in a trace; use a smaller scale or a shorter trace", events));
}

}  // namespace vkmembench
