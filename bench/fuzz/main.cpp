// The seam to libFuzzer: VKMEMBENCH_FUZZER names the row of the table to drive.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "bench/fuzz/fuzzers.h"

namespace {

const vkmembench::Fuzzer& chosen_fuzzer() {
  const char* name = std::getenv("VKMEMBENCH_FUZZER");
  const auto table = vkmembench::fuzzers();
  const auto row = std::ranges::find(table, std::string_view(name == nullptr ? "" : name), &vkmembench::Fuzzer::name);
  if (row != table.end()) return *row;
  std::fputs("set VKMEMBENCH_FUZZER to one of:\n", stderr);
  for (const vkmembench::Fuzzer& fuzzer : table)
    std::fprintf(stderr, "  %-9s %s\n", fuzzer.name.data(), fuzzer.description.data());
  std::exit(2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const vkmembench::Fuzzer& fuzzer = chosen_fuzzer();
  fuzzer.run({reinterpret_cast<const char*>(data), size});
  return 0;
}
