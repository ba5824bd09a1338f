#include "bench/replay/counting/callgrind.h"

#include <atomic>
#include <cstdlib>
#include <fstream>

#include "bench/replay/counting/callgrind_requests.h"

namespace vkmembench {

bool knows_callgrind() { return VKMEMBENCH_KNOWS_CALLGRIND != 0; }

std::filesystem::path callgrind_output() {
  const char* output = std::getenv(kCallgrindVariable);
  const bool is_ours = output != nullptr && std::getenv(kTypedNameVariable) != nullptr;
  return RUNNING_ON_VALGRIND != 0 && is_ours ? output : "";
}

// Neither ~/.valgrindrc nor VALGRIND_OPTS has a say in what is counted.
std::vector<std::string> callgrind_command(const std::filesystem::path& output) {
  std::string file;  // where % would begin what valgrind puts in
  for (const char letter : output.string()) file += letter == '%' ? std::string("%%") : std::string(1, letter);
  return {"valgrind",
          "--command-line-only=yes",
          "--vgdb=no",         // which leaves pipes behind when it is killed
          "--fair-sched=try",  // a timeout's thread is heard in time
          "--tool=callgrind",
          "-q",
          "--instr-atstart=no",
          "--collect-atstart=no",
          "--compress-strings=no",
          "--compress-pos=no",
          "--callgrind-out-file=" + file};
}

CallgrindCounting::CallgrindCounting() { CALLGRIND_START_INSTRUMENTATION; }

CallgrindCounting::~CallgrindCounting() {
  if (!over_) CALLGRIND_STOP_INSTRUMENTATION;
}

// Each dump has the next number.
InstructionCounts CallgrindCounting::take() {
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
