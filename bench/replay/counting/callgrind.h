#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/replay/counting/instruction_counts.h"

namespace vkmembench {

// The program's side of valgrind's callgrind, which counts instructions of what runs under it.

// Whether the program was built with valgrind's headers, without which it cannot tell callgrind what to count.
[[nodiscard]] bool knows_callgrind();
// Whether callgrind runs it, in the way of callgrind_command(), and where it writes what it counted; empty: it does
// not.
[[nodiscard]] std::filesystem::path callgrind_output();

// The variables that name that file, and the program as it was typed; and what is put before a program so that
// callgrind runs it.
inline constexpr const char* kCallgrindVariable = "VKMEMBENCH_CALLGRIND_OUT";
inline constexpr const char* kTypedNameVariable = "VKMEMBENCH_TYPED_NAME";
[[nodiscard]] std::vector<std::string> callgrind_command(const std::filesystem::path& output);

// Counts from the begin of its life to take(). Requires callgrind; one at a time.
class CallgrindCounting {
 public:
  CallgrindCounting();
  ~CallgrindCounting();
  CallgrindCounting(const CallgrindCounting&) = delete;
  CallgrindCounting& operator=(const CallgrindCounting&) = delete;
  // Ends the counting. Throws Error where callgrind wrote nothing.
  [[nodiscard]] InstructionCounts take();

 private:
  bool over_ = false;
};

}  // namespace vkmembench
