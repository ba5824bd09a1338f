#include "reports/text/units.h"

#include <gtest/gtest.h>

namespace vkmembench {
namespace {

TEST(Units, Bytes) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(512), "512 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1024), "1.00 KiB");
  EXPECT_EQ(format_bytes(1536), "1.50 KiB");
  EXPECT_EQ(format_bytes(10 * 1024), "10.0 KiB");
  EXPECT_EQ(format_bytes(1023.4 * 1024), "1023 KiB");
  EXPECT_EQ(format_bytes(1023.6 * 1024), "1.00 MiB");
  EXPECT_EQ(format_bytes(static_cast<double>(220 * kMiB)), "220 MiB");
  EXPECT_EQ(format_bytes(static_cast<double>(4 * kGiB + 600 * kMiB)), "4.59 GiB");
  EXPECT_EQ(format_bytes(-2048), "-2.00 KiB");
  EXPECT_EQ(format_bytes(1e30), "888178419700125 PiB");
}

TEST(Units, Nanoseconds) {
  EXPECT_EQ(format_ns(0), "0 ns");
  EXPECT_EQ(format_ns(72), "72 ns");
  EXPECT_EQ(format_ns(72.5), "72.5 ns");
  EXPECT_EQ(format_ns(999), "999 ns");
  EXPECT_EQ(format_ns(999.6), "1.00 us");
  EXPECT_EQ(format_ns(1250), "1.25 us");
  EXPECT_EQ(format_ns(1250, true), "1.25 µs");
  EXPECT_EQ(format_ns(99'960), "100 us");
  EXPECT_EQ(format_ns(16'700'000), "16.7 ms");
  EXPECT_EQ(format_ns(3.6e12), "3600 s");
}

TEST(Units, CountsAndShares) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(48'213), "48,213");
  EXPECT_EQ(format_count(18'446'744'073'709'551'615ull), "18,446,744,073,709,551,615");
  EXPECT_EQ(format_ratio(1.0666), "1.07");
  EXPECT_EQ(format_percent(0.1234), "12.3 %");
}

}  // namespace
}  // namespace vkmembench
