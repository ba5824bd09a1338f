#pragma once

#include <cstdint>
#include <vector>

#include "bench/replay/record/patience.h"
#include "bench/replay/record/recording.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// What happens to the account at one moment; kinds of one moment take place in the order of the enumerators.
enum class StepKind : std::uint8_t {
  frame_end,
  measure,
  removal,
  resize,
  memory,
  change,
  creation,
  pending,
  budget,
  snapshot
};
struct AccountStep {
  std::uint64_t stamp = 0;  // ordered: position in the trace; concurrent: ticks
  std::uint32_t index = 0;  // of the event, object, memory event, `resize` event or change, as the kind says
  StepKind kind = StepKind::frame_end;
};

// Steps of the trace and of the memory log in one order, up to the last free; what the strategy gives back when it is
// destroyed comes after the account's end. Not all of them when patience is over.
[[nodiscard]] std::vector<AccountStep> account_steps(const Trace& trace, const Recording& recording,
                                                     Patience& patience);

}  // namespace vkmembench
