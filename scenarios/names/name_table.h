#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace vkmembench {

// Finds the index of a name among N fixed ones by hashing a few of its characters: one comparison for most hits.
// Made once from names that outlive it.
template <std::size_t N>
class NameTable {
 public:
  constexpr explicit NameTable(const std::array<std::string_view, N>& names) : names_(names) {
    for (std::size_t i = 0; i < N; ++i) {
      std::size_t slot = home(names_[i]);
      while (slots_[slot] != 0) slot = (slot + 1) % slots_.size();
      slots_[slot] = static_cast<std::uint16_t>(i + 1);
    }
  }
  // N when no name equals `name`.
  [[nodiscard]] constexpr std::size_t find(std::string_view name) const {
    if (name.empty()) return N;
    for (std::size_t slot = home(name); slots_[slot] != 0; slot = (slot + 1) % slots_.size()) {
      if (names_[slots_[slot] - 1u] == name) return slots_[slot] - 1u;
    }
    return N;
  }
  [[nodiscard]] constexpr const std::array<std::string_view, N>& names() const { return names_; }

 private:
  [[nodiscard]] static constexpr std::size_t home(std::string_view name) {
    const auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(name[i])); };
    return (name.size() * 7 + at(0) * 31 + at(name.size() / 2) * 5 + at(name.size() - 1) * 131) % kSlots;
  }
  static constexpr std::size_t kSlots = std::bit_ceil(4 * N);
  std::array<std::string_view, N> names_;
  std::array<std::uint16_t, kSlots> slots_{};
};

}  // namespace vkmembench
