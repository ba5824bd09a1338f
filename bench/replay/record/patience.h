#pragma once

#include <chrono>
#include <cstdint>

#include "allocator/base/stop_flag.h"

namespace vkmembench {

// How long work of many steps may go on once everything is to end: a tenth of a second more, for most is done by then.
class Patience {
 public:
  explicit Patience(const StopFlag& stop) : stop_(stop) {}

  // Called at every step: whether it has to be given up.
  [[nodiscard]] bool is_over() {
    if (!over_ && ++steps_ % kLookEvery == 0 && stop_.abandons()) look();
    return over_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::uint32_t kLookEvery = 1024;
  static constexpr std::chrono::milliseconds kLonger{100};

  void look() {
    const Clock::time_point now = Clock::now();
    if (until_ == Clock::time_point()) until_ = now + kLonger;
    over_ = now > until_;
  }

  const StopFlag& stop_;
  Clock::time_point until_;
  std::uint32_t steps_ = 0;
  bool over_ = false;
};

}  // namespace vkmembench
