#include "bench/run/counted_parts.h"

#include <fmt/format.h>

#include "allocator/base/os/loaded_libraries.h"
#include "bench/run/host_info.h"
#include "reports/text/units.h"
#include "scenarios/trace/trace_hash.h"

namespace vkmembench {
namespace {

// Libraries choose by it what of theirs they run.
std::string target() {
#if defined(__x86_64__)
  return fmt::format("x86_64{}{}", __builtin_cpu_supports("avx2") != 0 ? " avx2" : "",
                     __builtin_cpu_supports("avx512f") != 0 ? " avx512" : "");
#elif defined(__aarch64__)
  return "aarch64";
#else
  return "other";
#endif
}

// Of a file without a build id.
std::string contents_of(const std::filesystem::path& file) {
  Hash64 hash;
  hash.text(read_text(file));
  return format_hash(hash.value());
}

}  // namespace

std::vector<std::pair<std::string, std::string>> counted_parts(InstructionCounter counter) {
  std::vector<std::pair<std::string, std::string>> parts = {{"target", target()}};
  if (counter == InstructionCounter::hardware) {
    const std::string cpu = read_host_info().cpu;
    parts.emplace_back("counter", cpu.empty() ? "a CPU without a name" : cpu);
  }
  for (LoadedLibrary& library : loaded_libraries())
    parts.emplace_back(std::move(library.name),
                       library.build.empty() ? contents_of(library.file) : std::move(library.build));
  return parts;
}

}  // namespace vkmembench
