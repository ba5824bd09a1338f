#pragma once

#include <vector>

#include "reports/model/report.h"

namespace vkmembench {

// The harness's own floor: no strategy to rank.
inline constexpr std::string_view kFloorStrategy = "null";

// Requests that a run refused; 0 where that was not counted.
[[nodiscard]] double refused(const Run& run);

// Which runs of a report did the same work, and so compete: those that ran to their end and refused no more requests
// than the one that refused least.
class Contenders {
 public:
  explicit Contenders(const std::vector<Run>& runs);

  [[nodiscard]] static bool ran_to_the_end(const Run& run) {
    return run.strategy != kFloorStrategy && run.status == Status::ok;
  }
  [[nodiscard]] bool refuses_more(const Run& run) const { return refused(run) > fewest_; }
  [[nodiscard]] bool has(const Run& run) const { return ran_to_the_end(run) && !refuses_more(run); }

 private:
  double fewest_;
};

}  // namespace vkmembench
