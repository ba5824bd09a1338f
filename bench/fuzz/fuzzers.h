#pragma once

#include <span>
#include <string_view>

namespace vkmembench {

// What is driven by bytes from anywhere: one row of the table. The folder corpus/NAME holds inputs to start from, and
// those that once broke something.
struct Fuzzer {
  std::string_view name;
  std::string_view description;
  // Takes any bytes. Errors that the program would print are caught; whatever else goes wrong ends the process.
  void (*run)(std::string_view bytes);
};
[[nodiscard]] std::span<const Fuzzer> fuzzers();

void fuzz_scenario(std::string_view bytes);
void fuzz_trace(std::string_view bytes);
void fuzz_profile(std::string_view bytes);
void fuzz_report(std::string_view bytes);
void fuzz_policy(std::string_view bytes);
void fuzz_strategy(std::string_view bytes);
void fuzz_core(std::string_view bytes);
void fuzz_placement(std::string_view bytes);

}  // namespace vkmembench
