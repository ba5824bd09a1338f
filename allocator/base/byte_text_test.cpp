#include "allocator/base/byte_text.h"

#include <gtest/gtest.h>

namespace vkmembench {
namespace {

TEST(ByteText, SpellsBytesWithAUnitOrWithout) {
  EXPECT_EQ(parse_bytes("0"), 0u);
  EXPECT_EQ(parse_bytes("4096"), 4096u);
  EXPECT_EQ(parse_bytes("7 B"), 7u);
  EXPECT_EQ(parse_bytes("64KiB"), 64 * kKiB);
  EXPECT_EQ(parse_bytes("4 MiB"), 4 * kMiB);
  EXPECT_EQ(parse_bytes("17179869183GiB"), 17179869183 * kGiB);
  EXPECT_EQ(parse_bytes("18446744073709551615"), ~Bytes{0});
}

TEST(ByteText, TakesFractionsThatAreWholeBytes) {
  EXPECT_EQ(parse_bytes("1.5 GiB"), 3 * kGiB / 2);
  EXPECT_EQ(parse_bytes("0.0009765625 MiB"), kKiB);
  EXPECT_EQ(parse_bytes("2.000 B"), 2u);
  for (const char* text : {"0.1 GiB", "1.5 B", "0.3 KiB", "1.5", "1. KiB", ".5 KiB", "0.0000000000000000001 GiB"})
    EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
}

TEST(ByteText, RefusesEverythingElse) {
  for (const char* text : {"", " ", "MiB", "x", "-1", "+1", "1e3", "4 MB", "4 mib", "4  MiB", " 4 MiB", "4 MiB ", "4 M",
                           "0x10", "1,5 MiB", "1.2.3 MiB", "18446744073709551616", "17179869184GiB", "1.5.MiB"})
    EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
}

}  // namespace
}  // namespace vkmembench
