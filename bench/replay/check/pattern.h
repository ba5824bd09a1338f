#pragma once

#include <cstddef>
#include <cstdint>
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
  void fill(std::span<std::byte> bytes, Offset offset) const;
  // Index of the first byte that differs, nullopt when all match.
  [[nodiscard]] std::optional<std::size_t> mismatch(std::span<const std::byte> bytes, Offset offset) const;

 private:
  [[nodiscard]] std::uint64_t word(std::uint64_t index) const { return base_ + index * 0xa0761d6478bd642fu; }
  template <typename Visit>
  void visit(std::size_t size, Offset offset, const Visit& visit) const;

  std::uint64_t base_;
};

}  // namespace vkmembench
