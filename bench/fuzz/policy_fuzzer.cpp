#include "bench/fuzz/fuzz_file.h"
#include "bench/fuzz/fuzzers.h"
#include "bench/fuzz/refusable.h"
#include "reports/judge/gate_policy_reader.h"

namespace vkmembench {

void fuzz_policy(std::string_view bytes) {
  const FuzzFile file(bytes, ".json");
  refusable([&] { static_cast<void>(read_gate_policy(file.path())); });
}

}  // namespace vkmembench
