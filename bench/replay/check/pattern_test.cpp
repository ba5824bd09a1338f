#include "bench/replay/check/pattern.h"

#include <gtest/gtest.h>

#include <vector>

namespace vkmembench {
namespace {

std::vector<std::byte> bytes_of(std::uint64_t key, Offset offset, std::size_t size) {
  std::vector<std::byte> bytes(size);
  Pattern(key).fill(bytes, offset);
  return bytes;
}

TEST(Pattern, AnyPieceIsThatPieceOfTheWhole) {
  const std::vector<std::byte> whole = bytes_of(42, 0, 200);
  for (std::size_t begin = 0; begin < 40; ++begin) {
    for (std::size_t size = 0; size < 40; ++size) {
      const std::vector<std::byte> piece = bytes_of(42, begin, size);
      EXPECT_TRUE(std::equal(piece.begin(), piece.end(), whole.begin() + static_cast<std::ptrdiff_t>(begin)));
      EXPECT_EQ(Pattern(42).mismatch(piece, begin), std::nullopt);
    }
  }
}

TEST(Pattern, EachFlippedBitIsFoundAtItsByte) {
  for (const Offset offset : {Offset{0}, Offset{3}, Offset{8}, Offset{4093}}) {
    for (std::size_t size : {1u, 7u, 8u, 9u, 31u}) {
      std::vector<std::byte> bytes = bytes_of(7, offset, size);
      for (std::size_t at = 0; at < size; ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
          bytes[at] ^= std::byte{1} << bit;
          EXPECT_EQ(Pattern(7).mismatch(bytes, offset), at);
          bytes[at] ^= std::byte{1} << bit;
        }
      }
    }
  }
}

TEST(Pattern, TheFirstOfSeveralIsNamed) {
  std::vector<std::byte> bytes = bytes_of(7, 5, 100);
  bytes[60] ^= std::byte{1};
  bytes[33] ^= std::byte{1};
  EXPECT_EQ(Pattern(7).mismatch(bytes, 5), 33u);
}

TEST(Pattern, OtherKeysAndPlacesAndZeroesDoNotMatch) {
  const std::vector<std::byte> bytes = bytes_of(100, 64, 16);
  for (std::uint64_t key = 0; key < 200; ++key) EXPECT_EQ(Pattern(key).mismatch(bytes, 64).has_value(), key != 100);
  for (Offset offset = 0; offset < 1024; offset += 8)
    EXPECT_EQ(Pattern(100).mismatch(bytes, offset).has_value(), offset != 64) << offset;
  const std::vector<std::byte> zeroes(16);
  for (std::uint64_t key = 0; key < 200; ++key) EXPECT_TRUE(Pattern(key).mismatch(zeroes, 0));
}

}  // namespace
}  // namespace vkmembench
