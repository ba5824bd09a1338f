#include "allocator/placement/tlsf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <vector>

namespace vkmembench {
namespace {

// Regions by address, each with the ranges that the oracle saw placed: start and size.
using Ranges = std::map<Offset, Bytes>;

class EveryFit : public testing::TestWithParam<Fit> {
 protected:
  Region& add_region(Bytes capacity) {
    regions_.emplace_back();
    regions_.back().capacity = capacity;
    regions_.back().serial = static_cast<std::uint32_t>(regions_.size());
    tlsf_.add(regions_.back());
    return regions_.back();
  }
  std::deque<Region> regions_;
  Tlsf tlsf_{GetParam(), *std::pmr::new_delete_resource()};
};
INSTANTIATE_TEST_SUITE_P(Fits, EveryFit, testing::Values(Fit::first_fit, Fit::good_fit, Fit::best_fit));

void expect_whole(const Region& region) {
  ASSERT_NE(region.first, nullptr);
  EXPECT_EQ(region.first->offset, 0u);
  EXPECT_EQ(region.first->size, region.capacity);
  EXPECT_EQ(region.first->after, nullptr);
  EXPECT_EQ(region.used, 0u);
  EXPECT_EQ(region.used_count, 0u);
}

TEST_P(EveryFit, RandomRangesNeverOverlapAndMergeBack) {
  std::mt19937_64 random(11);
  std::map<Region*, Ranges> oracle;
  std::vector<Range*> live;
  for (int step = 0; step < 60'000; ++step) {
    const bool grow = step < 40'000 ? random() % 5 < 3 : false;
    if (grow || (live.empty() && step < 40'000)) {
      const Bytes size = 1 + random() % (Bytes{1} << (1 + random() % 17));
      const Bytes alignment = Bytes{1} << (random() % 13);
      Range* range = tlsf_.place(size, alignment, random() % 4 == 0);
      if (range == nullptr) {
        Region* idle = nullptr;
        for (Region& region : regions_)
          if (region.used_count == 0 && region.capacity >= size) idle = &region;
        if (idle == nullptr) idle = &add_region(std::max<Bytes>(size, 1 + random() % kMiB));
        range = tlsf_.place_in_idle(*idle, size);
      }
      ASSERT_TRUE(is_aligned(range->offset, alignment));
      ASSERT_EQ(range->size, size);
      ASSERT_LE(range->end(), range->region->capacity);
      Ranges& ranges = oracle[range->region];
      const auto above = ranges.lower_bound(range->offset);
      ASSERT_TRUE(above == ranges.end() || range->end() <= above->first);
      ASSERT_TRUE(above == ranges.begin() || std::prev(above)->first + std::prev(above)->second <= range->offset);
      ranges.emplace(range->offset, size);
      live.push_back(range);
    } else if (!live.empty()) {
      const std::size_t chosen = random() % live.size();
      Range* range = live[chosen];
      live[chosen] = live.back();
      live.pop_back();
      Region* region = range->region;
      oracle[region].erase(range->offset);
      ASSERT_EQ(tlsf_.release(range), oracle[region].empty());
      Bytes used = 0;
      for (const auto& [start, size] : oracle[region]) used += size;
      ASSERT_EQ(region->used, used);
      ASSERT_EQ(region->used_count, oracle[region].size());
    }
  }
  for (Range* range : live) tlsf_.release(range);
  for (Region& region : regions_) {
    expect_whole(region);
    tlsf_.remove(region);
    EXPECT_EQ(region.first, nullptr);
  }
}

TEST_P(EveryFit, FindsAGapOfExactlyTheSize) {
  Region& region = add_region(kMiB);
  std::vector<Range*> all;
  all.push_back(tlsf_.place_in_idle(region, 4096));
  for (int i = 1; i < 256; ++i) all.push_back(tlsf_.place(4096, 1));
  EXPECT_EQ(tlsf_.place(1, 1), nullptr);
  tlsf_.release(all[77]);
  Range* again = tlsf_.place(4096, 4096);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->offset, 77u * 4096);
}

TEST_P(EveryFit, AlignmentAmongManyHolesStillFindsTheOneThatFits) {
  Region& region = add_region(64 * kMiB);
  std::vector<Range*> all = {tlsf_.place_in_idle(region, 1040)};
  while (Range* range = tlsf_.place(1040, 16)) all.push_back(range);
  for (std::size_t i = 1; i + 8 < all.size(); i += 2) tlsf_.release(all[i]);
  EXPECT_EQ(tlsf_.place(2048, 2048), nullptr);  // no hole is as large
  for (std::size_t i = 20'002; i < 20'008; i += 2) tlsf_.release(all[i]);
  Range* range = tlsf_.place(2048, 2048);
  ASSERT_NE(range, nullptr);
  EXPECT_TRUE(is_aligned(range->offset, 2048));
}

TEST_P(EveryFit, IdleRegionsWaitUntilNamed) {
  Region& region = add_region(kMiB);
  EXPECT_EQ(tlsf_.place(16, 1), nullptr);
  Range* range = tlsf_.place_in_idle(region, 16);
  EXPECT_NE(tlsf_.place(16, 1), nullptr);
  EXPECT_EQ(range->offset, 0u);
}

TEST_P(EveryFit, AClosedRegionTakesNothingUntilItIsOpened) {
  Region& region = add_region(1000);
  Range* first = tlsf_.place_in_idle(region, 100);
  Range* second = tlsf_.place(100, 1);
  Range* third = tlsf_.place(100, 1);
  tlsf_.release(second);
  tlsf_.set_access(region, RegionAccess::closed);
  EXPECT_EQ(tlsf_.place(10, 1), nullptr);
  EXPECT_EQ(tlsf_.largest_free(), 0u);
  tlsf_.release(third);  // merges, and stays out as well
  EXPECT_EQ(tlsf_.place(10, 1), nullptr);
  Range* named = tlsf_.place_after(*first, 300, 256);
  ASSERT_NE(named, nullptr);
  EXPECT_EQ(named->offset, 256u);
  EXPECT_EQ(tlsf_.place_after(*named, 500, 1), nullptr);
  tlsf_.set_access(region, RegionAccess::open);
  EXPECT_EQ(tlsf_.largest_free(), 1000u - 556u);
  Range* placed = tlsf_.place(156, 1);  // the gap before 256
  ASSERT_NE(placed, nullptr);
  for (Range* range : {first, named, placed}) tlsf_.release(range);
  expect_whole(region);
  tlsf_.remove(region);
}

TEST_P(EveryFit, AReserveServesWhenNothingElseDoes) {
  Region& reserve = add_region(1000);
  Region& open = add_region(1000);
  Range* kept = tlsf_.place_in_idle(reserve, 10);
  tlsf_.set_access(reserve, RegionAccess::reserve);
  Range* first = tlsf_.place_in_idle(open, 10);
  EXPECT_EQ(tlsf_.place(500, 1)->region, &open);
  Range* last = tlsf_.place(600, 1);
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->region, &reserve);
  EXPECT_EQ(tlsf_.largest_free(), 490u);
  std::size_t steps = 0;
  Tlsf::Seen seen;
  reserve.rank = open.rank = 0;
  EXPECT_EQ(tlsf_.place_below(1, 300, 1, seen, steps)->region, &open);
  EXPECT_EQ(tlsf_.place_below(1, 300, 1, seen, steps), nullptr);
  tlsf_.set_access(reserve, RegionAccess::open);
  EXPECT_EQ(tlsf_.place_below(1, 300, 1, seen, steps), nullptr) << "it was seen to have nothing";
  seen = {};
  EXPECT_EQ(tlsf_.place_below(1, 300, 1, seen, steps)->region, &reserve);
  for (Range* range : {last, kept, first}) tlsf_.release(range);
}

TEST_P(EveryFit, ARegionEmptiedWhileClosedIsIdleOnceOpened) {
  Region& region = add_region(1000);
  Range* range = tlsf_.place_in_idle(region, 100);
  tlsf_.set_access(region, RegionAccess::closed);
  EXPECT_TRUE(tlsf_.release(range));
  tlsf_.set_access(region, RegionAccess::open);
  EXPECT_EQ(tlsf_.place(10, 1), nullptr);
  range = tlsf_.place_in_idle(region, 10);
  EXPECT_NE(tlsf_.place(10, 1), nullptr);
}

TEST_P(EveryFit, PlacingBelowARankFindsTheOnlyGapAmongMany) {
  for (std::uint32_t i = 0; i < 400; ++i) {
    Region& region = add_region(100);
    region.rank = i == 250 ? 3 : 10 + i;
    (void)tlsf_.place_in_idle(region, 36);
  }
  std::size_t steps = 0;
  Tlsf::Seen seen;
  EXPECT_EQ(tlsf_.place_below(3, 64, 1, seen, steps), nullptr);
  EXPECT_GE(steps, 400u);  // none was left out
  Range* range = tlsf_.place_below(4, 64, 1, seen, steps);
  ASSERT_NE(range, nullptr);
  EXPECT_EQ(range->region, &regions_[250]);
  EXPECT_EQ(tlsf_.place_below(4, 1, 1, seen, steps), nullptr);
}

class TightFit : public EveryFit {};
INSTANTIATE_TEST_SUITE_P(Fits, TightFit, testing::Values(Fit::good_fit, Fit::best_fit));
TEST_P(TightFit, OlderRegionsFillFirst) {
  Region& older = add_region(64 * kKiB);
  Region& newer = add_region(64 * kKiB);
  (void)tlsf_.place_in_idle(newer, 1024);
  (void)tlsf_.place_in_idle(older, 1024);
  EXPECT_EQ(tlsf_.place(1024, 1)->region, &older);
}

// Steps are bounded however many do not fit, what was asked is answered in the end, and what a claim leaves is found.
TEST_P(EveryFit, PlacingBelowARankGoesOnWhereItStood) {
  constexpr Bytes kGaps = 5000;
  std::vector<Range*> gaps;
  for (const std::uint32_t rank : {9u, 1u}) {
    Region& region = add_region(kGaps * 128 + 4096);
    region.rank = rank;
    Range* last = tlsf_.place_in_idle(region, 64);
    for (Bytes i = 1; i < 2 * kGaps; ++i) {
      if (i % 2 == 1) gaps.push_back(last);
      last = tlsf_.place_after(*last, 64, 1);
    }
  }
  for (Range* gap : gaps) tlsf_.release(gap);
  for (const auto& [size, alignment] : {std::pair<Bytes, Bytes>(1024, 1), {64, 4096}}) {
    Tlsf::Seen seen;
    std::vector<Range*> claimed;
    int calls = 0;
    do {
      std::size_t steps = 0;
      Range* range = tlsf_.place_below(5, size, alignment, seen, steps);
      EXPECT_LE(steps, 2048u);
      if (range != nullptr) claimed.push_back(range);
    } while (++calls < 1000 && !seen.all());
    EXPECT_LT(calls, 1000);
    if (size == 1024) {
      EXPECT_EQ(claimed.size(), 4u);
    } else {
      EXPECT_GT(claimed.size(), 0u);
    }
    for (Range* range : claimed) {
      EXPECT_EQ(range->region, &regions_[1]);
      EXPECT_TRUE(is_aligned(range->offset, alignment));
      tlsf_.release(range);
    }
  }
}

// A walk sees every range that was there and all that is claimed before it, whatever comes and goes meanwhile.
TEST_P(EveryFit, AnAccessChangesInSteps) {
  std::mt19937_64 random(17);
  for (int round = 0; round < 60; ++round) {
    Region& region = add_region(64 * kKiB);
    std::vector<Range*> live = {tlsf_.place_in_idle(region, 64)};
    const auto drop = [&](std::size_t nth) {
      std::swap(live[nth], live.back());
      (void)tlsf_.release(live.back());
      live.pop_back();
    };
    for (int i = 0; i < 400; ++i)
      if (Range* range = tlsf_.place(1 + random() % 200, 1)) live.push_back(range);
    for (int i = 0; i < 150 && live.size() > 1; ++i) drop(1 + random() % (live.size() - 1));
    tlsf_.begin_access(region, RegionAccess::closed);
    std::map<const Range*, int> seen;
    while (const Range* range = tlsf_.next_access(region)) {
      if (range->state == RangeState::used) ++seen[range];
      if (random() % 4 == 0 && live.size() > 1) {
        const std::size_t nth = 1 + random() % (live.size() - 1);
        seen.erase(live[nth]);
        drop(nth);
      }
      if (random() % 4 == 0)
        if (Range* made = tlsf_.place(1 + random() % 100, 1)) live.push_back(made);
    }
    ASSERT_EQ(seen.size(), live.size());
    for (const Range* range : live) ASSERT_EQ(seen[range], 1);
    ASSERT_EQ(tlsf_.place(1, 1), nullptr);
    ASSERT_EQ(tlsf_.largest_free(), 0u);
    while (!live.empty()) drop(live.size() - 1);
    tlsf_.set_access(region, RegionAccess::open);
    expect_whole(region);
  }
}

TEST(TlsfDeath, OnlyItsOwnRegionsHaveAnAccess) {
  Region region;
  region.capacity = 100;
  Tlsf tlsf(Fit::good_fit, *std::pmr::new_delete_resource());
  EXPECT_DEATH(tlsf.set_access(region, RegionAccess::closed), "taken in");
}

TEST(TlsfDeath, ReleasesOnce) {
  Tlsf tlsf(Fit::good_fit, *std::pmr::new_delete_resource());
  Region region;
  region.capacity = kMiB;
  tlsf.add(region);
  Range* range = tlsf.place_in_idle(region, 100);
  EXPECT_DEATH(tlsf.remove(region), "idle region");
  tlsf.release(range);
  EXPECT_DEATH(tlsf.release(range), "released once");
  EXPECT_DEATH(tlsf.add(region), "taken in once");
}

TEST(RangeStore, OwnsItsNodesOnly) {
  RangeStore store(*std::pmr::new_delete_resource());
  std::vector<Range*> taken;
  taken.reserve(5000);
  for (int i = 0; i < 5000; ++i) taken.push_back(store.take());
  Range other;
  for (const Range* range : taken) ASSERT_TRUE(store.owns(range));
  EXPECT_FALSE(store.owns(&other));
  EXPECT_FALSE(store.owns(nullptr));
  EXPECT_FALSE(store.owns(reinterpret_cast<const char*>(taken[3]) + 1));
  EXPECT_GE(store.host_bytes(), 5000 * sizeof(Range));
  store.give(taken.back());
  EXPECT_EQ(store.take(), taken.back());
}

// Whatever runs come between, their ranges are those of any placement, and what they held back is back in its bin.
TEST_P(EveryFit, RunsPlaceLikeSingles) {
  std::mt19937_64 random(5);
  add_region(kMiB);
  add_region(64 * kKiB);
  std::vector<Range*> live = {tlsf_.place_in_idle(regions_[0], 100), tlsf_.place_in_idle(regions_[1], 100)};
  for (int round = 0; round < 300; ++round) {
    const std::size_t before = live.size();
    {
      Tlsf::Run run(tlsf_);
      const Bytes largest = Bytes{1} << (1 + random() % 12);
      for (std::uint64_t count = random() % 40; count > 0; --count) {
        const Bytes alignment = Bytes{1} << (random() % 6);
        Range* range = run.place(1 + random() % largest, alignment);
        if (range == nullptr) break;
        ASSERT_TRUE(is_aligned(range->offset, alignment));
        live.push_back(range);
      }
    }
    for (std::uint64_t count = random() % (2 * (live.size() - before) + 2); count > 0 && live.size() > 2; --count) {
      std::swap(live[2 + random() % (live.size() - 2)], live.back());
      (void)tlsf_.release(live.back());
      live.pop_back();
    }
    Bytes used = 0;
    for (const Region& region : regions_) {
      Offset end = 0;
      Bytes largest_gap = 0;
      const Range* before_it = nullptr;
      for (const Range* range = region.first; range != nullptr; before_it = range, range = range->after) {
        ASSERT_EQ(range->offset, end);
        ASSERT_EQ(range->before, before_it);
        end = range->end();
        if (range->state == RangeState::used)
          used += range->size;
        else
          largest_gap = std::max(largest_gap, range->size);
      }
      ASSERT_EQ(end, region.capacity);
      ASSERT_LE(largest_gap, tlsf_.largest_free()) << "every gap is in a bin";
    }
    ASSERT_EQ(used, regions_[0].used + regions_[1].used);
    ASSERT_EQ(live.size(), regions_[0].used_count + regions_[1].used_count);
  }
  for (Range* range : live) (void)tlsf_.release(range);
  for (const Region& region : regions_) expect_whole(region);
}

// The tightest gap first, then one after another in the large one.
TEST(TlsfRun, PrefersATighterGap) {
  Tlsf tlsf(Fit::best_fit, *std::pmr::new_delete_resource());
  Region region;
  region.capacity = kMiB;
  tlsf.add(region);
  Range* first = tlsf.place_in_idle(region, 1024);
  Range* second = tlsf.place(1024, 1);
  (void)tlsf.release(first);
  {
    Tlsf::Run run(tlsf);
    EXPECT_EQ(run.place(4096, 1)->offset, 2048u);
    EXPECT_EQ(run.place(1024, 1)->offset, 0u);
    EXPECT_EQ(run.place(1024, 1)->offset, 2048u + 4096u);
    EXPECT_EQ(run.place(1024, 4096)->offset, 2 * 4096u);
  }
  EXPECT_EQ(tlsf.place(1024, 1)->offset, 2048u + 4096u + 1024u) << "the padding is free again";
  EXPECT_EQ(second->offset, 1024u);
}

TEST(RangeStore, ReservesAndOwnsWhatItMade) {
  RangeStore store(*std::pmr::new_delete_resource());
  std::vector<Range*> taken;
  for (const std::size_t count : {1u, 100u, 5'000u, 40'000u}) {
    store.reserve(count);
    const Bytes bytes = store.host_bytes();
    EXPECT_GE(bytes, count * sizeof(Range));
    for (std::size_t i = 0; i < count; ++i) taken.push_back(store.take());
    EXPECT_EQ(store.host_bytes(), bytes) << "made at once";
  }
  for (const Range* range : taken) ASSERT_TRUE(store.owns(range));
  EXPECT_FALSE(store.owns(reinterpret_cast<const std::byte*>(taken.front()) + 1));
  for (Range* range : taken) store.give(range);
  const Bytes bytes = store.host_bytes();
  store.reserve(taken.size());
  EXPECT_EQ(store.host_bytes(), bytes) << "spare ones serve";
  std::vector<Range*> again;
  for (std::size_t i = 0; i < taken.size(); ++i) again.push_back(store.take());
  std::sort(taken.begin(), taken.end());
  std::sort(again.begin(), again.end());
  EXPECT_EQ(taken, again);
}

}  // namespace
}  // namespace vkmembench
