#include "bench/replay/counting/counting.h"

#include <algorithm>

#include "allocator/base/error.h"
#include "allocator/base/os/cpu_instructions.h"
#include "bench/replay/counting/callgrind.h"
#include "bench/replay/counting/cpu_counting.h"

namespace vkmembench {
namespace {

InstructionCounts count_by_callgrind(FreshHeaps& heaps, const std::function<void()>& work) {
  CallgrindCounting counting;
  heaps.run(work);
  return counting.take();
}

// A counter is of one thread.
InstructionCounts count_by_cpu(FreshHeaps& heaps, const std::function<void()>& work) {
  InstructionCounts counts{};
  heaps.run([&] {
    CpuInstructions cpu;
    CpuCounting counting([&] { return cpu.read(); });
    work();
    counts = counting.counts();
    if (!cpu.is_whole())
      throw Error("another program took the CPU's counter of instructions; run it again, or with --counter valgrind",
                  ErrorKind::internal);
  });
  return counts;
}

}  // namespace

InstructionCounter counter_named(std::string_view name) {
  return static_cast<InstructionCounter>(std::ranges::find(kInstructionCounterNames, name) -
                                         kInstructionCounterNames.begin());
}

InstructionCounts count_instructions(InstructionCounter by, FreshHeaps& heaps, const std::function<void()>& work) {
  return by == InstructionCounter::hardware ? count_by_cpu(heaps, work) : count_by_callgrind(heaps, work);
}

}  // namespace vkmembench
