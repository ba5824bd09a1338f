#include "allocator/placement/linear.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <vector>

namespace vkmembench {
namespace {

// One region as plain intervals, and where the next range goes in it by the definition of ring and stack.
class Model {
 public:
  explicit Model(Bytes capacity) : capacity_(capacity) {}

  [[nodiscard]] std::optional<Offset> on_ring(Bytes size, Bytes alignment) const {
    for (const auto& [start, end] : gaps(cursor_))
      if (align_up(start, alignment) + size <= end) return align_up(start, alignment);
    for (const auto& [start, end] : gaps(0)) {
      if (start >= cursor_) break;
      if (align_up(start, alignment) + size <= end) return align_up(start, alignment);
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Offset> on_stack(Bytes size, Bytes alignment) const {
    const Offset top = used_.empty() ? 0 : align_up(std::prev(used_.end())->second, alignment);
    if (top + size > capacity_) return std::nullopt;
    return top;
  }
  void add(Offset start, Bytes size) {
    used_[start] = start + size;
    cursor_ = start + size;
  }
  void remove(Offset start) {
    used_.erase(start);
    if (used_.empty()) cursor_ = 0;
  }
  [[nodiscard]] bool overlaps(Offset start, Bytes size) const {
    return std::any_of(used_.begin(), used_.end(),
                       [&](const auto& range) { return start < range.second && range.first < start + size; });
  }
  [[nodiscard]] bool empty() const { return used_.empty(); }
  [[nodiscard]] const std::map<Offset, Offset>& used() const { return used_; }

 private:
  // Free intervals from `from` on, the one that holds it cut.
  [[nodiscard]] std::vector<std::pair<Offset, Offset>> gaps(Offset from) const {
    std::vector<std::pair<Offset, Offset>> all;
    Offset end = from;
    for (const auto& [start, stop] : used_) {
      if (start > end) all.emplace_back(end, start);
      end = std::max(end, stop);
    }
    if (end < capacity_) all.emplace_back(end, capacity_);
    return all;
  }
  Bytes capacity_;
  std::map<Offset, Offset> used_;
  Offset cursor_ = 0;
};

void expect_whole(const Region& region) {
  ASSERT_NE(region.first, nullptr);
  EXPECT_EQ(region.first->offset, 0u);
  EXPECT_EQ(region.first->size, region.capacity);
  EXPECT_EQ(region.first->after, nullptr);
  EXPECT_EQ(region.used, 0u);
  EXPECT_EQ(region.used_count, 0u);
}

// Ranges by address cover the region, no two free ones side by side.
void expect_sound(const Region& region, const Model& model) {
  Offset end = 0;
  Bytes used = 0;
  const Range* before = nullptr;
  for (const Range* range = region.first; range != nullptr; range = range->after) {
    ASSERT_EQ(range->offset, end);
    ASSERT_EQ(range->before, before);
    const bool is_used = range->state == RangeState::used;
    ASSERT_EQ(model.used().count(range->offset) != 0, is_used);
    if (is_used) {
      ASSERT_EQ(model.used().at(range->offset), range->end());
      used += range->size;
    } else {
      ASSERT_TRUE(before == nullptr || before->state == RangeState::used);
    }
    before = range;
    end = range->end();
  }
  ASSERT_EQ(end, region.capacity);
  ASSERT_EQ(used, region.used);
  ASSERT_EQ(model.used().size(), region.used_count);
}

class EveryOrder : public testing::TestWithParam<LinearOrder> {
 protected:
  Region& add_region(Bytes capacity) {
    regions_.emplace_back();
    regions_.back().capacity = capacity;
    regions_.back().serial = static_cast<std::uint32_t>(regions_.size());
    linear_.add(regions_.back());
    return regions_.back();
  }
  [[nodiscard]] bool ring() const { return GetParam() == LinearOrder::ring; }
  std::deque<Region> regions_;
  Linear linear_{GetParam(), *std::pmr::new_delete_resource()};
};
INSTANTIATE_TEST_SUITE_P(Orders, EveryOrder, testing::Values(LinearOrder::ring, LinearOrder::stack),
                         [](const auto& row) { return row.param == LinearOrder::ring ? "ring" : "stack"; });

TEST_P(EveryOrder, OneRegionIsFilledAsTheModelSays) {
  constexpr Bytes kCapacity = 100'000;
  std::mt19937_64 random(3);
  Region& region = add_region(kCapacity);
  Model model(kCapacity);
  std::vector<Range*> live;  // oldest first
  std::size_t refused = 0;
  for (int step = 0; step < 40'000; ++step) {
    if (random() % 100 < 55) {
      const Bytes size = 1 + random() % 6000;
      const Bytes alignment = Bytes{1} << (random() % 10);
      const std::optional<Offset> expected = ring() ? model.on_ring(size, alignment) : model.on_stack(size, alignment);
      Range* range = model.empty() ? linear_.place_in_idle(region, size) : linear_.place(size, alignment);
      ASSERT_EQ(range != nullptr, expected.has_value()) << "step " << step;
      refused += range == nullptr;
      if (range == nullptr) continue;
      ASSERT_EQ(range->offset, *expected) << "step " << step;
      ASSERT_FALSE(model.overlaps(range->offset, size));
      model.add(range->offset, size);
      live.push_back(range);
    } else if (!live.empty()) {
      // Mostly in order, sometimes not: then gaps wait.
      std::size_t nth = ring() ? 0 : live.size() - 1;
      if (random() % 10 == 0) nth = random() % live.size();
      Range* range = live[nth];
      live.erase(live.begin() + static_cast<std::ptrdiff_t>(nth));
      model.remove(range->offset);
      ASSERT_EQ(linear_.release(range), model.empty());
    }
    if (step % 100 == 0) {
      ASSERT_NO_FATAL_FAILURE(expect_sound(region, model));
    }
  }
  EXPECT_GT(refused, 100u);
  for (Range* range : live) linear_.release(range);
  expect_whole(region);
}

TEST_P(EveryOrder, ManyRegionsNeverOverlapAndMergeBack) {
  std::mt19937_64 random(17);
  std::map<Region*, Model> models;
  std::vector<Range*> live;
  const auto place = [&](Bytes size, Bytes alignment) -> Range* {
    if (Range* range = linear_.place(size, alignment)) return range;
    for (Region& region : regions_)
      if (region.used_count == 0 && region.capacity >= size) return linear_.place_in_idle(region, size);
    if (regions_.size() == 6) return nullptr;
    return linear_.place_in_idle(add_region(8000 + random() % 8000), size);
  };
  std::size_t most_regions = 0;
  for (int step = 0; step < 40'000; ++step) {
    const bool grows = step / 4000 % 2 == 0;
    if (random() % 100 < (grows ? 60u : 40u)) {
      const Bytes size = 1 + random() % 3000;
      const Bytes alignment = Bytes{1} << (random() % 8);
      Range* range = place(size, alignment);
      if (range == nullptr) continue;
      ASSERT_TRUE(is_aligned(range->offset, alignment));
      ASSERT_EQ(range->size, size);
      ASSERT_LE(range->end(), range->region->capacity);
      Model& model = models.try_emplace(range->region, range->region->capacity).first->second;
      ASSERT_FALSE(model.overlaps(range->offset, size));
      model.add(range->offset, size);
      live.push_back(range);
    } else if (!live.empty()) {
      const std::size_t nth = random() % 8 == 0 ? random() % live.size() : ring() ? 0 : live.size() - 1;
      Range* range = live[nth];
      live.erase(live.begin() + static_cast<std::ptrdiff_t>(nth));
      Model& model = models.at(range->region);
      model.remove(range->offset);
      ASSERT_EQ(linear_.release(range), model.empty());
    }
    most_regions = std::max(most_regions, regions_.size());
    if (step % 500 == 0) {
      for (auto& [region, model] : models) ASSERT_NO_FATAL_FAILURE(expect_sound(*region, model));
    }
  }
  EXPECT_GT(most_regions, 2u);
  std::shuffle(live.begin(), live.end(), random);
  for (Range* range : live) linear_.release(range);
  for (Region& region : regions_) {
    expect_whole(region);
    linear_.remove(region);
    EXPECT_EQ(region.first, nullptr);
  }
}

TEST_P(EveryOrder, WhatFitsNowhereIsRefused) {
  Region& region = add_region(1000);
  EXPECT_EQ(linear_.place(1, 1), nullptr);  // no region in use
  Range* first = linear_.place_in_idle(region, 600);
  EXPECT_EQ(linear_.place(401, 1), nullptr);
  EXPECT_EQ(linear_.place(400, 256), nullptr);
  Range* second = linear_.place(400, 1);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(linear_.place(1, 1), nullptr);
  linear_.release(second);
  linear_.release(first);
}

TEST(Ring, GoesRoundAndReusesTheOldest) {
  Linear ring(LinearOrder::ring, *std::pmr::new_delete_resource());
  Region region;
  region.capacity = 1000;
  ring.add(region);
  Range* a = ring.place_in_idle(region, 400);
  Range* b = ring.place(400, 1);
  EXPECT_EQ(b->offset, 400u);
  ring.release(a);
  Range* c = ring.place(200, 1);
  EXPECT_EQ(c->offset, 800u);  // after the cursor, although a gap lies below
  Range* d = ring.place(300, 1);
  EXPECT_EQ(d->offset, 0u);
  Range* e = ring.place(100, 1);
  EXPECT_EQ(e->offset, 300u);
  EXPECT_EQ(ring.place(1, 1), nullptr);
  for (Range* range : {b, c, d, e}) ring.release(range);
  expect_whole(region);
}

TEST(Ring, ANewRegionIsTheNextOne) {
  Linear ring(LinearOrder::ring, *std::pmr::new_delete_resource());
  Region regions[2];
  for (Region& region : regions) {
    region.capacity = 100;
    ring.add(region);
  }
  Range* a = ring.place_in_idle(regions[0], 100);
  Range* b = ring.place_in_idle(regions[1], 60);
  ring.release(a);  // regions[0] is idle, and stays out until it is asked for by name
  EXPECT_EQ(ring.place(50, 1), nullptr);
  Range* c = ring.place_in_idle(regions[0], 50);
  EXPECT_EQ(c->region, &regions[0]);
  Range* d = ring.place(50, 1);
  EXPECT_EQ(d->region, &regions[0]);
  Range* e = ring.place(40, 1);
  EXPECT_EQ(e->region, &regions[1]);
  EXPECT_EQ(e->offset, 60u);
  for (Range* range : {b, c, d, e}) ring.release(range);
}

TEST(Stack, GapsBelowTheTopWait) {
  Linear stack(LinearOrder::stack, *std::pmr::new_delete_resource());
  Region region;
  region.capacity = 1000;
  stack.add(region);
  Range* a = stack.place_in_idle(region, 400);
  Range* b = stack.place(400, 1);
  Range* c = stack.place(100, 1);
  stack.release(b);
  EXPECT_EQ(stack.place(200, 1), nullptr);  // fits the gap, but is not at the top
  Range* d = stack.place(100, 1);
  EXPECT_EQ(d->offset, 900u);
  stack.release(d);
  stack.release(c);
  Range* e = stack.place(500, 64);
  EXPECT_EQ(e->offset, 448u);
  stack.release(e);
  stack.release(a);
  expect_whole(region);
}

TEST(LinearDeathTest, MisuseAborts) {
  Linear ring(LinearOrder::ring, *std::pmr::new_delete_resource());
  Region region;
  EXPECT_DEATH(ring.add(region), "has room");
  region.capacity = 100;
  ring.add(region);
  EXPECT_DEATH(ring.add(region), "taken in once");
  EXPECT_DEATH((void)ring.place_in_idle(region, 101), "with room");
  Range* range = ring.place_in_idle(region, 10);
  EXPECT_DEATH(ring.remove(region), "only an idle region");
  ring.release(range);
  EXPECT_DEATH(ring.release(range), "released once");
}

}  // namespace
}  // namespace vkmembench
