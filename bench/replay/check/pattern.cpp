#include "bench/replay/check/pattern.h"

#include <algorithm>
#include <cstring>

namespace vkmembench {

template <typename Visit>
void Pattern::visit(std::size_t size, Offset offset, const Visit& visit) const {
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

void Pattern::fill(std::span<std::byte> bytes, Offset offset) const {
  visit(bytes.size(), offset, [&](std::size_t at, std::uint64_t word, std::size_t skip, std::size_t count) {
    std::memcpy(bytes.data() + at, reinterpret_cast<const std::byte*>(&word) + skip, count);
    return true;
  });
}

std::optional<std::size_t> Pattern::mismatch(std::span<const std::byte> bytes, Offset offset) const {
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

}  // namespace vkmembench
