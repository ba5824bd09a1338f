#include "allocator/core/pools/monitor.h"

#include <gtest/gtest.h>

namespace vkmembench {
namespace {

// Every figure differs from every other, so that one added to the wrong place, or to none, shows.
MonitorReport numbered(std::uint64_t from) {
  MonitorReport report;
  report.totals = {from, from + 1, from + 2, from + 3, from + 4, from + 5, from + 6, from + 7, from + 8};
  for (std::uint64_t& count : report.sizes) count = from += 10;
  report.in_device_memory = from + 11;
  report.in_host_memory = from + 12;
  for (KindCounts& kind : report.kinds) {
    from += 20;
    kind = {from, from + 1, from + 2, from + 3};
  }
  return report;
}

TEST(MonitorReport, AddsEveryFigure) {
  MonitorReport sum = numbered(1000);
  sum += numbered(50'000);
  MonitorReport expected = numbered(1000);
  const MonitorReport other = numbered(50'000);
  expected.totals = {51'000, 51'002, 51'004, 51'006, 51'008, 51'010, 51'012, 51'014, 50'008};  // frames are the same
  for (std::size_t i = 0; i < expected.sizes.size(); ++i) expected.sizes[i] += other.sizes[i];
  expected.in_device_memory += other.in_device_memory;
  expected.in_host_memory += other.in_host_memory;
  for (std::size_t i = 0; i < expected.kinds.size(); ++i) {
    const KindCounts& a = expected.kinds[i];
    const KindCounts& b = other.kinds[i];
    expected.kinds[i] = {a.created + b.created, a.live + b.live, a.live_bytes + b.live_bytes,
                         a.peak_bytes + b.peak_bytes};
  }
  EXPECT_EQ(sum, expected);
}

TEST(MonitorReport, KeepsTheMostMappedOfAll) {
  MonitorReport sum;
  for (std::uint64_t part = 0; part < 3; ++part) {
    MonitorReport one;
    for (std::uint32_t maps = 1; maps <= 15; ++maps) one.most_mapped.push_back({part, maps, 64, maps});
    sum += one;
  }
  ASSERT_EQ(sum.most_mapped.size(), MonitorReport::kMostMapped);
  for (std::size_t i = 0; i < sum.most_mapped.size(); ++i) {
    EXPECT_EQ(sum.most_mapped[i].map_total, 15 - i / 3) << i;
    EXPECT_EQ(sum.most_mapped[i].resource, i % 3) << i;  // of equals the first report's
  }
}

}  // namespace
}  // namespace vkmembench
