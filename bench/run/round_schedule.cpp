#include "bench/run/round_schedule.h"

#include <algorithm>
#include <utility>

namespace vkmembench {

RoundSchedule::RoundSchedule(std::size_t strategies, const RepeatPolicy& policy, std::uint64_t seed)
    : policy_(policy), random_(seed), turns_(strategies) {}

bool RoundSchedule::needs_another(const Turns& turns) const {
  if (turns.dropped || turns.count >= policy_.most()) return false;
  if (policy_.fixed || turns.count < RepeatPolicy::kLeast) return true;
  return !turns.precise && turns.seconds < RepeatPolicy::kSeconds;
}

std::vector<std::size_t> RoundSchedule::next() {
  ++round_;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < turns_.size(); ++i) {
    if (needs_another(turns_[i])) order.push_back(i);
  }
  if (policy_.most() == 1) return order;
  // Fisher and Yates, written out: std::shuffle may differ from library to library.
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_() % i]);
  return order;
}

void RoundSchedule::done(std::size_t strategy, double seconds, bool precise) {
  Turns& turns = turns_[strategy];
  ++turns.count;
  turns.seconds += seconds;
  turns.precise = precise;
}

}  // namespace vkmembench
