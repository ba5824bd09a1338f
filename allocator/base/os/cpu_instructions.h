#pragma once

#include <cstdint>

namespace vkmembench {

// The CPU's own count of the instructions that one thread runs outside the kernel. Linux tells it, where the CPU, or
// what stands in for it, has such a counter.
class CpuInstructions {
 public:
  // Of the calling thread. Throws Error, with what helps, where there is no such count.
  CpuInstructions();
  ~CpuInstructions();
  CpuInstructions(const CpuInstructions&) = delete;
  CpuInstructions& operator=(const CpuInstructions&) = delete;

  // So far, for differences; of that thread, whoever asks. Takes a call of the system, whose instructions on this side
  // of it are the same each time.
  [[nodiscard]] std::uint64_t read() noexcept;
  // Whether each read() told it: a counter may be taken away.
  [[nodiscard]] bool is_whole() const { return whole_; }

 private:
  [[maybe_unused]] int counter_ = -1;
  bool whole_ = true;
};

}  // namespace vkmembench
