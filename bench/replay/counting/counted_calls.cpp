#include "bench/replay/counting/counted_calls.h"

#include "bench/replay/counting/callgrind_requests.h"
#include "bench/replay/counting/cpu_counting.h"

// What callgrind names its counts by: functions that nothing may inline, merge, or leave without a frame of their own.
// They are called while it counts, for it notes a call only then.
#if VKMEMBENCH_KNOWS_CALLGRIND
#define VKMEMBENCH_KEEP_APART(number) asm volatile("" ::"i"(number) : "memory")
#else
#define VKMEMBENCH_KEEP_APART(number) static_cast<void>(number)
#endif
#define VKMEMBENCH_ROW(name)                                                         \
  extern "C" [[gnu::noinline]] void vkmembench_counted_##name(                       \
      void (*work)(void*), void* data) { /* NOLINT(readability-identifier-naming) */ \
    work(data);                                                                      \
    VKMEMBENCH_KEEP_APART(static_cast<int>(vkmembench::InstructionClass::name));     \
  }
VKMEMBENCH_INSTRUCTION_CLASSES(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW

namespace vkmembench {
namespace {

thread_local bool t_counted = false;  // whether what this thread does counts

}  // namespace

// The CPU's counter is asked while callgrind does not count.
void count_as(InstructionClass instruction_class, void (*work)(void*), void* data) {
  using Function = void (*)(void (*)(void*), void*);
  static constexpr Function kFunctions[] = {
#define VKMEMBENCH_ROW(name) vkmembench_counted_##name,
      VKMEMBENCH_INSTRUCTION_CLASSES(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  };
  t_counted = true;
  CpuCounting* const cpu = CpuCounting::of_this_thread();
  if (cpu != nullptr) cpu->begin(instruction_class);
  CALLGRIND_TOGGLE_COLLECT;
  kFunctions[static_cast<std::size_t>(instruction_class)](work, data);
  CALLGRIND_TOGGLE_COLLECT;
  if (cpu != nullptr) cpu->end();
  t_counted = false;
}

// The switch only turns: what was off stays off.
Uncounted::Uncounted() : was_counted_(t_counted) {
  if (!was_counted_) return;
  CALLGRIND_TOGGLE_COLLECT;
  if (CpuCounting* const cpu = CpuCounting::of_this_thread(); cpu != nullptr) cpu->pause();
  t_counted = false;
}
Uncounted::~Uncounted() {
  if (!was_counted_) return;
  t_counted = true;
  if (CpuCounting* const cpu = CpuCounting::of_this_thread(); cpu != nullptr) cpu->go_on();
  CALLGRIND_TOGGLE_COLLECT;
}

std::optional<InstructionClass> CountEachCall::class_of(StrategyCall call) {
  switch (call) {
    case StrategyCall::create_buffer:
    case StrategyCall::create_image:
    case StrategyCall::create_alias:
    case StrategyCall::create_part:
      return InstructionClass::create;
    case StrategyCall::create_buffers:
      return InstructionClass::batch;
    case StrategyCall::destroy:
      return InstructionClass::destroy;
    case StrategyCall::begin_frame:
      return InstructionClass::frame;
    case StrategyCall::mark:
    case StrategyCall::defragment:
      return InstructionClass::defragment;
    case StrategyCall::make:
    case StrategyCall::start:
    case StrategyCall::count:
      return std::nullopt;
    default:
      return InstructionClass::other;
  }
}

}  // namespace vkmembench
