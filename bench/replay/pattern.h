#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "allocator/base/bytes.h"

namespace vkmembench {

// The bytes an object is filled with: 64-bit words that depend on a key and on their place, so that bytes of another
// object, another place or an older life of the memory do not match.
class Pattern {
 public:
  explicit Pattern(std::uint64_t key) : base_(key * 0x9e3779b97f4a7c15u + 0xd1b54a32d192ed03u) {}

  // Writes the pattern's bytes [offset, offset + bytes.size()).
  void fill(std::span<std::byte> bytes, Offset offset) const {
    visit(bytes.size(), offset, [&](std::size_t at, std::uint64_t word, std::size_t skip, std::size_t count) {
      std::memcpy(bytes.data() + at, reinterpret_cast<const std::byte*>(&word) + skip, count);
      return true;
    });
  }
  // Index of the first byte that differs, nullopt when all match.
  [[nodiscard]] std::optional<std::size_t> mismatch(std::span<const std::byte> bytes, Offset offset) const {
    std::optional<std::size_t> found;
    visit(bytes.size(), offset, [&](std::size_t at, std::uint64_t word, std::size_t skip, std::size_t count) {
      const auto* expected = reinterpret_cast<const std::byte*>(&word) + skip;
      if (std::memcmp(bytes.data() + at, expected, count) == 0) return true;
      std::size_t i = 0;
      while (bytes[at + i] == expected[i]) ++i;
      found = at + i;
      return false;
    });
    return found;
  }

 private:
  [[nodiscard]] std::uint64_t word(std::uint64_t index) const { return base_ + index * 0xa0761d6478bd642fu; }

  template <typename Visit>
  void visit(std::size_t size, Offset offset, const Visit& visit) const {
    std::size_t at = 0;
    std::uint64_t index = offset / 8;
    if (const std::size_t skip = offset % 8; skip != 0 && size != 0) {
      const std::size_t count = std::min<std::size_t>(8 - skip, size);
      if (!visit(at, word(index++), skip, count)) return;
      at += count;
    }
    for (; at + 8 <= size; at += 8) {
      if (!visit(at, word(index++), 0, 8)) return;
    }
    if (at < size) visit(at, word(index), 0, size - at);
  }

  std::uint64_t base_;
};

}  // namespace vkmembench
