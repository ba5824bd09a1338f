#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "allocator/base/os/child_process.h"
#include "allocator/base/os/scratch_folder.h"
#include "allocator/base/stop_flag.h"
#include "bench/stress/trial.h"

namespace vkmembench {

// Makes trials in a process of its own, so that what ends or stops that is an answer too. The process lives on from
// trial to trial until one of them ends it.
class Worker {
 public:
  using Clock = std::chrono::steady_clock;

  // Requires a flag that outlives it.
  explicit Worker(const StopFlag& stop) : stop_(stop) {}

  // The trial's outcome; `abort`, `signal`, `hang` where the process did not live to say it. nullopt once it is
  // `latest` or the flag is raised, at once. Throws Error for a trial that cannot be made at all.
  [[nodiscard]] std::optional<TrialResult> run(const Trial& trial, Clock::time_point latest,
                                               std::chrono::duration<double> limit = kLimit);

 private:
  static constexpr std::chrono::seconds kLimit{60};  // a trial takes a fraction of a second

  [[nodiscard]] TrialResult how_it_ended();

  const StopFlag& stop_;
  ScratchFolder folder_;
  std::unique_ptr<TalkingChild> child_;
};

}  // namespace vkmembench
