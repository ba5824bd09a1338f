#include <array>

#include "allocator/base/check.h"
#include "bench/fuzz/fuzz_file.h"
#include "bench/fuzz/fuzzers.h"
#include "bench/fuzz/refusable.h"
#include "scenarios/importers/formats/import.h"
#include "scenarios/trace/packing_problem.h"
#include "scenarios/trace/trace_reader.h"
#include "scenarios/trace/trace_writer.h"

namespace vkmembench {

void fuzz_import(std::string_view bytes) {
  const FuzzFile file(bytes, ".recording");
  for (const bool begun_late : {false, true}) {
    refusable([&] {
      ImportOptions options;
      options.begun_late = begun_late;
      options.limits.events = 4'000;
      const Imported imported = import_trace(file.path(), nullptr, options);
      const FuzzFile written("", ".jsonl");
      write_trace(imported.trace, written.path());
      const Trace again = read_trace(written.path(), 0);
      VKMEMBENCH_CHECK(again.hash == imported.trace.hash,
                       "an imported trace that is written and read again is the same");
      VKMEMBENCH_CHECK(again.recorded.placements.size() == imported.trace.recorded.placements.size(),
                       "a trace keeps the places that were recorded");
      const FuzzFile problem("", ".csv");
      static_cast<void>(write_packing_problem(imported.trace, problem.path()));
    });
  }
}

}  // namespace vkmembench
