#include "bench/replay/counting/callgrind.h"

#include <atomic>
#include <cstdlib>
#include <fstream>

#include "bench/replay/counting/callgrind_requests.h"

namespace vkmembench {

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
