#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace vkmembench {

// What ends long work before it is done: a signal that came, or a deadline.
struct Stop {
  const std::atomic<int>* signal = nullptr;  // 0 until a signal comes, then its number
  std::optional<std::chrono::steady_clock::time_point> deadline;

  // Throws Error, 128 + the number of the signal or internal, once it is time to end.
  void check() const;
};

// An event takes about 100 bytes while a trace is made and replayed, and a position in it 32 bits.
inline constexpr std::uint64_t kMaxTraceEvents = 100'000'000;

// How large a trace may become, and what else ends its making.
struct TraceLimits {
  std::uint64_t events = kMaxTraceEvents;  // and objects
  Stop stop = {};

  // Throws Error for a trace of so many events or objects.
  void check(std::uint64_t count) const;
};

}  // namespace vkmembench
