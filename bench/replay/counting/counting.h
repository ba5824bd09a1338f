#pragma once

#include <functional>
#include <string_view>

#include "allocator/base/named_enum.h"
#include "bench/replay/counting/fresh_heaps.h"
#include "bench/replay/counting/instruction_counts.h"

namespace vkmembench {

// X(enumerator): who counts instructions. valgrind's callgrind, which has to run the program, counts the same each
// time; the CPU is some ten times faster, and a little off whenever something interrupts it.
#define VKMEMBENCH_INSTRUCTION_COUNTERS(X) X(valgrind) X(hardware)
VKMEMBENCH_NAMED_ENUM(InstructionCounter, VKMEMBENCH_INSTRUCTION_COUNTERS);
// Requires one of the names.
[[nodiscard]] InstructionCounter counter_named(std::string_view name);

// Does work on a heap of its own and returns what was counted on the way (counted_calls.h). Requires callgrind where it
// counts. Throws Error where the CPU does not, or its counter was taken away meanwhile.
[[nodiscard]] InstructionCounts count_instructions(InstructionCounter by, FreshHeaps& heaps,
                                                   const std::function<void()>& work);

}  // namespace vkmembench
