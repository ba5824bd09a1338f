#include "allocator/base/os/clock.h"

#include <algorithm>
#include <array>

namespace vkmembench {
namespace {

double steady_ns() {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Reads both clocks back to back; of several tries the one whose two tick readings lie closest is the most faithful.
struct Anchor {
  Ticks ticks;
  double ns;
};
Anchor read_anchor() {
  Anchor best{};
  Ticks tightest = ~Ticks{0};
  for (int i = 0; i < 20; ++i) {
    const Ticks before = read_ticks();
    const double ns = steady_ns();
    const Ticks after = read_ticks();
    if (after - before < tightest) {
      tightest = after - before;
      best = {before + (after - before) / 2, ns};
    }
  }
  return best;
}

}  // namespace

TickRate calibrate_ticks() {
  TickRate rate;
  const Anchor start = read_anchor();
  while (steady_ns() - start.ns < 5e6) {
  }
  const Anchor end = read_anchor();
  rate.ns_per_tick = (end.ns - start.ns) / static_cast<double>(end.ticks - start.ticks);

  std::array<Ticks, 1001> readings{};
  for (Ticks& reading : readings) reading = read_ticks();
  std::array<Ticks, 1000> steps{};
  Ticks least = ~Ticks{0};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    steps[i] = readings[i + 1] - readings[i];
    if (steps[i] != 0) least = std::min(least, steps[i]);
  }
  std::nth_element(steps.begin(), steps.begin() + 500, steps.end());
  rate.resolution_ns = static_cast<double>(least) * rate.ns_per_tick;
  rate.read_overhead_ns = static_cast<double>(steps[500]) * rate.ns_per_tick;
  return rate;
}

}  // namespace vkmembench
