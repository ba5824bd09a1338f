#include "bench/replay/counting/callgrind.h"

#include <atomic>
#include <cstdlib>
#include <fstream>

#include "bench/replay/counting/counted_calls.h"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#define VKMEMBENCH_KNOWS_CALLGRIND 1
#else
#define VKMEMBENCH_KNOWS_CALLGRIND 0
#define RUNNING_ON_VALGRIND 0
#define CALLGRIND_TOGGLE_COLLECT static_cast<void>(0)
#define CALLGRIND_START_INSTRUMENTATION static_cast<void>(0)
#define CALLGRIND_STOP_INSTRUMENTATION static_cast<void>(0)
#define CALLGRIND_DUMP_STATS static_cast<void>(0)
#endif

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

void count_as(InstructionClass instruction_class, void (*work)(void*), void* data) {
  using Function = void (*)(void (*)(void*), void*);
  static constexpr Function kFunctions[] = {
#define VKMEMBENCH_ROW(name) vkmembench_counted_##name,
      VKMEMBENCH_INSTRUCTION_CLASSES(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  };
  t_counted = true;
  CALLGRIND_TOGGLE_COLLECT;
  kFunctions[static_cast<std::size_t>(instruction_class)](work, data);
  CALLGRIND_TOGGLE_COLLECT;
  t_counted = false;
}

// The switch only turns: what was off stays off.
Uncounted::Uncounted() : was_counted_(t_counted) {
  if (!was_counted_) return;
  CALLGRIND_TOGGLE_COLLECT;
  t_counted = false;
}
Uncounted::~Uncounted() {
  if (!was_counted_) return;
  t_counted = true;
  CALLGRIND_TOGGLE_COLLECT;
}

std::optional<InstructionClass> InstructionCounter::class_of(StrategyCall call) {
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

bool knows_callgrind() { return VKMEMBENCH_KNOWS_CALLGRIND != 0; }

std::filesystem::path callgrind_output() {
  const char* output = std::getenv(kCallgrindVariable);
  return RUNNING_ON_VALGRIND == 0 || output == nullptr ? "" : output;
}

std::vector<std::string> callgrind_command(const std::filesystem::path& output) {
  return {"valgrind",
          "--tool=callgrind",
          "-q",
          "--instr-atstart=no",
          "--collect-atstart=no",
          "--compress-strings=no",
          "--compress-pos=no",
          "--callgrind-out-file=" + output.string()};
}

Counting::Counting() { CALLGRIND_START_INSTRUMENTATION; }

Counting::~Counting() {
  if (!over_) CALLGRIND_STOP_INSTRUMENTATION;
}

// Each dump has the next number.
InstructionCounts Counting::take() {
  static std::atomic<unsigned> dumps = 0;
  over_ = true;
  CALLGRIND_STOP_INSTRUMENTATION;
  CALLGRIND_DUMP_STATS;
  const std::filesystem::path file = callgrind_output().string() + "." + std::to_string(++dumps);
  std::ifstream stream(file);
  const InstructionCounts counts = read_callgrind(stream);
  stream.close();
  std::filesystem::remove(file);
  return counts;
}

}  // namespace vkmembench
