#include "bench/replay/counting/cpu_counting.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "bench/replay/counting/counted_calls.h"

namespace vkmembench {
namespace {

thread_local CpuCounting* t_counting = nullptr;

}  // namespace

CpuCounting* CpuCounting::of_this_thread() { return t_counting; }

CpuCounting::CpuCounting(std::function<std::uint64_t()> counter) : counter_(std::move(counter)) {
  t_counting = this;
  calibrate();
}
CpuCounting::~CpuCounting() { t_counting = nullptr; }

void CpuCounting::begin(InstructionClass instruction_class) {
  class_ = instruction_class;
  since_ = counter_();
}
void CpuCounting::pause() {
  sum().instructions += counter_() - since_;
  ++sum().pauses;
}
void CpuCounting::go_on() { since_ = counter_(); }
void CpuCounting::end() {
  sum().instructions += counter_() - since_;
  ++sum().calls;
}

// What is least among many is what nothing interrupted.
void CpuCounting::calibrate() {
  constexpr int kTimes = 64;
  const auto least = [&](void (*work)(void*)) {
    std::uint64_t added = std::numeric_limits<std::uint64_t>::max();
    for (int i = 0; i < kTimes; ++i) {
      sums_ = {};
      count_as(InstructionClass::other, work, nullptr);
      added = std::min(added, sum().instructions);
    }
    sums_ = {};
    return added;
  };
  call_adds_ = least([](void*) {});
  pause_adds_ = least([](void*) { const Uncounted uncounted; }) - call_adds_;
}

InstructionCounts CpuCounting::counts() const {
  InstructionCounts counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const Sum& sum = sums_[i];
    const std::uint64_t added = sum.calls * call_adds_ + sum.pauses * pause_adds_;
    counts[i] = {sum.calls, sum.instructions - std::min(sum.instructions, added)};
  }
  return counts;
}

}  // namespace vkmembench
