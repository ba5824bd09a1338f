#pragma once

#include <cstddef>
#include <cstdint>

namespace vkmembench {

// An event takes about 100 bytes while a trace is made and replayed, and a position in it 32 bits.
inline constexpr std::uint64_t kMaxTraceEvents = 100'000'000;

// Each is a thread of a concurrent replay, and hardly a program has more. Lanes that no event is on cost nothing.
inline constexpr std::size_t kMaxTraceLanes = 256;

// How large a trace may become.
struct TraceLimits {
  std::uint64_t events = kMaxTraceEvents;  // and objects

  // Throws Error for a trace of so many events or objects.
  void check(std::uint64_t count) const;
};

}  // namespace vkmembench
