// Random allocations, frees and reallocations against a model that adds up by itself.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "allocator/host/host_tracker.h"

namespace vkmembench {
namespace {

struct Model {
  struct Row {
    HostCounts counts;
    void allocate(Bytes size) {
      ++counts.allocated_count;
      counts.allocated_bytes += size;
      counts.peak_bytes = std::max(counts.peak_bytes, counts.live_bytes());
    }
    void free(Bytes size) {
      ++counts.freed_count;
      counts.freed_bytes += size;
    }
  };
  std::map<std::string, Row> categories;
  std::map<std::pair<std::string, int>, Row> places;

  template <class Change>
  void change(const std::string& category, int line, const Change& change) {
    change(places[{category, line}]);
    change(categories["(all)"]);
    for (std::size_t end = 0; end != std::string::npos;) {
      end = category.find("::", end + 1);
      change(categories[category.substr(0, end)]);
    }
  }
};

struct Live {
  void* pointer;
  std::size_t size;
  std::size_t alignment;
  std::string category;
  std::uint16_t line;
  unsigned char fill;
};

class HostProperty : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Seeds, HostProperty, testing::Range(0, 8));

TEST_P(HostProperty, AgreesWithTheModel) {
  std::mt19937_64 random(static_cast<std::uint64_t>(GetParam()) + 1);
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
  HostTracker tracker({.checked = GetParam() % 2 == 1});
  const std::vector<std::string> paths = {"a", "a::b", "a::b::c", "a::d", "e", "e::b"};
  Model model;
  std::vector<Live> live;
  const auto size = [&] { return below(std::size_t{1} << below(GetParam() < 4 ? 10 : 18)); };
  const auto verify = [](const Live& one, std::size_t bytes) {
    const auto* contents = static_cast<const unsigned char*>(one.pointer);
    return std::all_of(contents, contents + bytes, [&](unsigned char byte) { return byte == one.fill; });
  };
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t action = below(live.size() < 200 ? 4 : 6);
    if (action < 3 || live.empty()) {
      Live one{nullptr,
               size(),
               std::size_t{1} << below(8),
               paths[below(paths.size())],
               0,
               static_cast<unsigned char>(below(256))};
      one.line = static_cast<std::uint16_t>(below(4));  // 0: no place
      const Origin origin = one.line == 0 ? Origin{} : Origin{"x.cpp", one.line};
      one.pointer = tracker.allocate(one.size, one.alignment, tracker.category(one.category), origin);
      ASSERT_NE(one.pointer, nullptr);
      std::memset(one.pointer, one.fill, one.size);
      model.change(one.category, one.line, [&](Model::Row& row) { row.allocate(one.size); });
      live.push_back(one);
      continue;
    }
    std::swap(live[below(live.size())], live.back());
    Live& one = live.back();
    if (action == 3) {
      const std::size_t old_size = one.size;
      one.size = size();
      one.pointer = tracker.reallocate(one.pointer, one.size);
      ASSERT_NE(one.pointer, nullptr);
      ASSERT_TRUE(verify(one, std::min(one.size, old_size)));
      std::memset(one.pointer, one.fill, one.size);
      const bool moves = GetParam() % 2 == 1 || one.alignment > alignof(std::max_align_t);
      model.change(one.category, one.line, [&](Model::Row& row) {
        if (moves) row.allocate(one.size);
        row.free(old_size);
        if (!moves) row.allocate(one.size);
      });
    } else {
      ASSERT_TRUE(verify(one, one.size));
      tracker.free(one.pointer);
      model.change(one.category, one.line, [&](Model::Row& row) { row.free(one.size); });
      live.pop_back();
    }
  }

  const auto same_but_peak = [](HostCounts a, HostCounts b) {
    a.peak_bytes = b.peak_bytes = 0;
    return a == b;
  };
  const HostSnapshot now = tracker.snapshot();
  for (const auto& [category, counts] : now.categories) {
    const HostCounts expected = model.categories[category].counts;
    EXPECT_TRUE(same_but_peak(counts, expected)) << category;
    const auto rows_below = static_cast<double>(paths.size() * 4);
    EXPECT_NEAR(static_cast<double>(counts.peak_bytes), static_cast<double>(expected.peak_bytes),
                static_cast<double>(HostCounters::kPeakGrain) + rows_below * HostCounters::kPeakStep)
        << category;
  }
  for (const HostPlaceRow& row : now.places) {
    const HostCounts expected = model.places[{row.category, row.line}].counts;
    EXPECT_TRUE(same_but_peak(row.counts, expected)) << row.category << row.line;
    if (row.file.empty()) continue;
    EXPECT_EQ(row.counts.peak_bytes, expected.peak_bytes) << row.category << row.line;
  }
  EXPECT_EQ(now.places.size(), model.places.size());
  EXPECT_EQ(tracker.live().size(), GetParam() % 2 == 1 ? live.size() : 0);
  for (const Live& one : live) tracker.free(one.pointer);
  EXPECT_EQ(tracker.snapshot().all().live_count(), 0u);
}

}  // namespace
}  // namespace vkmembench
