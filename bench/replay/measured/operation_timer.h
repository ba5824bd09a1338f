#pragma once

#include "allocator/base/expected.h"
#include "allocator/base/os/clock.h"
#include "allocator/base/stop_flag.h"
#include "bench/replay/record/recording.h"

namespace vkmembench {

// Where a lane reads the time, and how it turns it into nanoseconds.
struct LaneClock {
  bool timing = true;                       // else nothing is timed
  const std::uint64_t* model_ns = nullptr;  // modelled time, else the machine's
  double ns_per_tick = 1;
  const StopFlag* stop = &kNeverStopped;

  [[nodiscard]] Ticks now() const { return model_ns != nullptr ? *model_ns : read_ticks(); }
  [[nodiscard]] std::uint64_t to_ns(Ticks ticks) const { return ticks_to_ns(ticks, ns_per_tick); }
};

// Times one operation from its construction on; the driver's share comes from the recording layer. An operation that a
// stop cuts short leaves no trace.
class OperationTimer {
 public:
  OperationTimer(const LaneClock& clock, LaneRecord& record) : clock_(clock), record_(record) {
    if (!clock.timing) return;
    driver_ = record.calls.driver_ticks;
    blocks_ = blocks_made();
    start_ = clock.now();
  }
  // Each of these ends the operation; call one of them once.
  void end_untyped() const {
    if (clock_.timing) static_cast<void>(measure());
  }
  std::uint64_t end(Operation operation) const { return clock_.timing ? measure(operation) : 0; }
  void end_create(Operation operation, const Expected<Allocation>& result) const {
    if (clock_.timing) measure_create(operation, result);
  }

 private:
  std::uint64_t measure() const {
    if (clock_.stop->raised()) return 0;
    const Ticks spent = clock_.now() - start_;
    record_.operation_ticks += spent;
    record_.frame_ticks += spent;
    record_.operation_driver_ticks += record_.calls.driver_ticks - driver_;
    return clock_.to_ns(spent);
  }
  std::uint64_t measure(Operation operation) const {
    const std::uint64_t ns = measure();
    if (clock_.stop->raised()) [[unlikely]]
      return 0;
    record_.latency[static_cast<std::size_t>(operation)].add(ns);
    return ns;
  }
  void measure_create(Operation operation, const Expected<Allocation>& result) const {
    const std::uint64_t ns = measure(operation);
    if (clock_.stop->raised()) [[unlikely]]
      return;
    Cause cause = Cause::hit;
    if (!result)
      cause = Cause::refused;
    else if (result->fallback)
      cause = Cause::fallback;
    else if (result->dedicated)
      cause = Cause::dedicated;
    else if (blocks_made() != blocks_)
      cause = Cause::new_block;
    record_.by_cause[static_cast<std::size_t>(cause)].add(ns);
  }
  [[nodiscard]] std::uint64_t blocks_made() const {
    return record_.calls.counts[static_cast<std::size_t>(EntryPoint::allocate_memory)];
  }

  const LaneClock& clock_;
  LaneRecord& record_;
  Ticks start_ = 0;
  Ticks driver_ = 0;
  std::uint64_t blocks_ = 0;
};

}  // namespace vkmembench
