#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "scenarios/trace/trace.h"

namespace vkmembench {

// A 64-bit hash of a sequence of words and texts, equal on every platform. Not cryptographic. Each word is folded in by
// a 64 x 64 -> 128 bit multiply whose halves are xored (the mixing step of wyhash, Wang Yi, "wyhash", 2019).
class Hash64 {
 public:
  void word(std::uint64_t value) { state_ = fold(state_ ^ value, kMultiplier); }
  // The bytes and their number.
  void text(std::string_view bytes);
  [[nodiscard]] std::uint64_t value() const { return fold(state_ ^ kSeed, kMultiplier ^ kSeed); }

 private:
  static constexpr std::uint64_t kSeed = 0xa0761d6478bd642fu;
  static constexpr std::uint64_t kMultiplier = 0xe7037ed1a0b428dbu;
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  std::uint64_t state_ = kSeed;
};

// Calls action(word) for what a value of a Shape consists of.
template <typename T, typename Action>
void for_each_word(const T& value, Action action) {
  action(static_cast<std::uint64_t>(value));
}
template <typename Action>
void for_each_word(const VkExtent3D& value, Action action) {
  for (const std::uint32_t side : {value.width, value.height, value.depth}) action(std::uint64_t{side});
}
template <typename Action>
void for_each_word(const MemoryChoice& value, Action action) {
  action(static_cast<std::uint64_t>(value.use));
  if (value.use != MemoryUse::custom) return;
  action(std::uint64_t{value.required} | std::uint64_t{value.preferred} << 16 | std::uint64_t{value.unwanted} << 32 |
         std::uint64_t{static_cast<std::uint8_t>(value.recorded_type)} << 48);
}
template <typename Action>
void for_each_word(float value, Action action) {
  action(std::uint64_t{std::bit_cast<std::uint32_t>(value)});
}
// Steps and their number.
template <typename Action>
void for_each_word(const RefusalSteps& value, Action action) {
  std::uint64_t word = value.size();
  for (std::size_t i = 0; i < value.size(); ++i) word = word << 4 | static_cast<std::uint64_t>(value[i]);
  action(word);
}
template <typename Action>
void for_each_word(const std::vector<VkFormat>& value, Action action) {
  action(std::uint64_t{value.size()});
  for (const VkFormat format : value) action(static_cast<std::uint64_t>(format));
}

// Hash of everything in the trace that a strategy can notice: events, ids, sizes, what shapes and texts say,
// frames_in_flight and measure_from_frame. Independent of the order in which shapes and texts were interned.
[[nodiscard]] std::uint64_t hash_trace(const Trace& trace);

}  // namespace vkmembench
