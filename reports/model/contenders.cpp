#include "reports/model/contenders.h"

#include <algorithm>
#include <limits>

namespace vkmembench {

double refused(const Run& run) {
  const MetricValue* failed = run.metric("alloc.failed_count");
  return failed == nullptr ? 0 : as_number(*failed).value_or(0);
}

Contenders::Contenders(const std::vector<Run>& runs) : fewest_(std::numeric_limits<double>::infinity()) {
  for (const Run& run : runs) {
    if (ran_to_the_end(run)) fewest_ = std::min(fewest_, refused(run));
  }
}

}  // namespace vkmembench
