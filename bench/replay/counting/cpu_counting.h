#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "bench/replay/counting/instruction_counts.h"

namespace vkmembench {

// Counts what its thread does as counted calls by a counter that runs on: as differences, less what asking the counter
// adds to each. Ends of what is counted lie where the thread enters the counter and leaves it, always the same way.
class CpuCounting {
 public:
  // `counter` tells the instructions of the calling thread so far; it must not throw, and outlives this. Requires that
  // the thread has no other.
  explicit CpuCounting(std::function<std::uint64_t()> counter);
  ~CpuCounting();
  CpuCounting(const CpuCounting&) = delete;
  CpuCounting& operator=(const CpuCounting&) = delete;

  // What counts for the calling thread; null: nothing does.
  [[nodiscard]] static CpuCounting* of_this_thread();

  // Called where a counted call begins and ends, and around what does not count within.
  void begin(InstructionClass instruction_class);
  void pause();
  void go_on();
  void end();

  // So far.
  [[nodiscard]] InstructionCounts counts() const;

 private:
  struct Sum {
    std::uint64_t calls = 0;
    std::uint64_t pauses = 0;
    std::uint64_t instructions = 0;  // with what asking added
  };
  using Sums = std::array<Sum, kInstructionClassNames.size()>;

  [[nodiscard]] Sum& sum() { return sums_[static_cast<std::size_t>(class_)]; }
  void calibrate();

  std::function<std::uint64_t()> counter_;
  Sums sums_{};
  InstructionClass class_ = InstructionClass::other;
  std::uint64_t since_ = 0;
  std::uint64_t call_adds_ = 0;   // a counted call that does nothing
  std::uint64_t pause_adds_ = 0;  // a pause within one
};

}  // namespace vkmembench
