#include "allocator/base/check.h"
#include "bench/fuzz/fuzz_file.h"
#include "bench/fuzz/fuzzers.h"
#include "bench/fuzz/refusable.h"
#include "scenarios/trace/trace_reader.h"
#include "scenarios/trace/trace_writer.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

}  // namespace

void fuzz_trace(std::string_view bytes) {
  constexpr TraceLimits kLimits{.events = 4'000};
  const FuzzFile file(bytes, bytes.starts_with(kZstdMagic) ? ".jsonl.zst" : ".jsonl");
  refusable([&] {
    const Scenario scenario = load_scenario(file.path(), {});
    const Trace trace = expand(scenario, {}, kLimits);
    const FuzzFile written("", ".jsonl");
    write_trace(trace, written.path());
    const Trace again = expand(load_scenario(written.path(), {}), {}, kLimits);
    VKMEMBENCH_CHECK(again.hash == trace.hash, "a trace that is written and read again is the same");
  });
}

}  // namespace vkmembench
