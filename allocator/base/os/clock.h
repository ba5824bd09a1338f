#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace vkmembench {

using Ticks = std::uint64_t;

// The cheapest monotonic counter of this machine: the time stamp counter where it is invariant, else steady_clock's ns.
[[nodiscard]] inline Ticks read_ticks() {
#if defined(__x86_64__)
  return __rdtsc();
#else
  return static_cast<Ticks>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

// A duration in whole nanoseconds, rounded to the nearest. Requires a result below 2^63.
[[nodiscard]] inline std::uint64_t ticks_to_ns(Ticks ticks, double ns_per_tick) {
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(ticks) * ns_per_tick));
}

// How ticks become nanoseconds, measured once against steady_clock (about 10 ms, two readings kept when they agree).
struct TickRate {
  double ns_per_tick = 1.0;
  double resolution_ns = 1.0;     // smallest non-zero difference of two readings
  double read_overhead_ns = 0.0;  // median cost of one reading
  [[nodiscard]] std::uint64_t to_ns(Ticks ticks) const { return ticks_to_ns(ticks, ns_per_tick); }
};
[[nodiscard]] TickRate calibrate_ticks();

}  // namespace vkmembench
