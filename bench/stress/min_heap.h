#pragma once

#include <cstdint>
#include <optional>

#include "allocator/base/stop_flag.h"
#include "allocator/strategy/strategies.h"
#include "bench/run/devices.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// The smallest heap that a trace survives in with a strategy.
struct MinHeap {
  std::uint32_t heap = 0;      // the largest device-local one of the device
  Bytes load = 0;              // LOAD of the heap: the most bytes that objects meant for it require at once
  std::optional<Bytes> bytes;  // none: not even the device's own heap serves every request
  // Below, the largest size looked at that is survived all the same: survival is not monotone in the size, for blocks,
  // budgets and evictions follow it.
  std::optional<Bytes> survived_below;
  Bytes step = 1;  // sizes are multiples of it: the power of two at or below a thousandth of LOAD, about
  std::uint32_t replays = 0;

  static constexpr std::uint32_t kBelow = 8;  // sizes looked at below the smallest, a step apart
  [[nodiscard]] double over_load() const { return static_cast<double>(*bytes) / static_cast<double>(load); }
};

// A heap is survived when no request is refused, and when no more operations fail and no more objects end in another
// memory type than the one they were meant for than with the device's own heap. The size is found by bisection between
// one that is not survived and one that is, down to a step apart; then the kBelow steps below it are looked at one by
// one. The heap is made smaller by a layer over the device: limits, budgets and what the device says of itself follow.
// Replays are ordered, so that the answer is exact on a simulated device. Throws Error for a device without
// device-local memory, and for a trace that has nothing for it. Requires nobody else on the device.
[[nodiscard]] MinHeap min_heap(const Trace& trace, const StrategySpec& strategy, const DeviceChoice& device,
                               const StopFlag* stop = nullptr);

}  // namespace vkmembench
