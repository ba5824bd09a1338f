#pragma once

namespace vkmembench {

// How every replay of an invocation is made, from the command line to the summary.
struct RunSettings {
  bool concurrent = false;     // a thread a lane between barriers; else one thread in the trace's order
  bool check = false;          // verify contents; placements are verified by a Checked strategy
  bool timing = true;          // time each operation, and in it the driver's share
  bool host_tracking = false;  // count the host memory of strategy and driver
  bool substitute = true;      // formats and usages that the device lacks are replaced by what programs take instead
  bool count_instructions = false;  // of the strategy, where callgrind counts
  bool mark_frames = false;         // an empty submission stands between frames, for layers that look for them
};

// Of replays that look for what is wrong, and for no times.
inline constexpr RunSettings kCheckedRun = {.check = true, .timing = false};

}  // namespace vkmembench
