#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace vkmembench {

using Bytes = std::uint64_t;
using Offset = std::uint64_t;

inline constexpr Bytes kKiB = 1024;
inline constexpr Bytes kMiB = 1024 * kKiB;
inline constexpr Bytes kGiB = 1024 * kMiB;

// Not std::has_single_bit(), which counts bits: a call where the target may lack the instruction.
[[nodiscard]] constexpr bool is_power_of_two(Bytes value) { return value != 0 && (value & (value - 1)) == 0; }

// Requires a power of two, and value + alignment - 1 representable.
[[nodiscard]] constexpr Bytes align_up(Bytes value, Bytes alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}
[[nodiscard]] constexpr Bytes align_down(Bytes value, Bytes alignment) { return value & ~(alignment - 1); }
[[nodiscard]] constexpr bool is_aligned(Bytes value, Bytes alignment) { return (value & (alignment - 1)) == 0; }

// nullopt on overflow.
[[nodiscard]] constexpr std::optional<Bytes> checked_add(Bytes a, Bytes b) {
  if (a > std::numeric_limits<Bytes>::max() - b) return std::nullopt;
  return a + b;
}
[[nodiscard]] constexpr std::optional<Bytes> checked_multiply(Bytes a, Bytes b) {
  if (b != 0 && a > std::numeric_limits<Bytes>::max() / b) return std::nullopt;
  return a * b;
}

}  // namespace vkmembench
