#include "bench/fuzz/fuzzers.h"

#include <array>

namespace vkmembench {

std::span<const Fuzzer> fuzzers() {
  static constexpr std::array kFuzzers = std::to_array<Fuzzer>({
#define VKMEMBENCH_ROW(name, function, description) {name, description, function},
      VKMEMBENCH_FUZZERS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  });
  return kFuzzers;
}

}  // namespace vkmembench
