#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

constexpr Bytes kBudget = 320 * kMiB;

class Swings : public ::testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Counts, Swings, ::testing::Values(1u, 3u, 7u));

TEST_P(Swings, HalveTheBudgetAndBringItBack) {
  const Trace trace = generate("budget_swing", {{"swings", static_cast<double>(GetParam())}});
  std::size_t dips = 0;
  for (const BudgetRequest& budget : trace.budgets) {
    EXPECT_EQ(budget.heap, "device");
    EXPECT_FALSE(budget.is_ratio) << "bytes, so that every device is under the same pressure";
    EXPECT_TRUE(budget.bytes == kBudget || budget.bytes == kBudget / 2) << budget.bytes;
    dips += budget.bytes < kBudget ? 1u : 0u;
  }
  EXPECT_EQ(dips, GetParam());
  EXPECT_EQ(trace.budgets.back().bytes, kBudget);
}

// What an allocator has to know for relief: at a dip the evictable objects that nothing used for 600 frames exceed what
// is above the budget, and nothing else frees it.
TEST(BudgetSwing, IdleObjectsOutweighTheDip) {
  const Trace trace = generate("budget_swing");
  std::map<ObjectIndex, std::uint64_t> last_used;  // of the live objects of device memory
  std::uint64_t frame = 0;
  std::size_t dips = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) frame = event.frame();
    if (event.op == Op::budget && trace.budgets[event.request()].bytes < kBudget) {
      ++dips;
      Bytes idle = 0;
      Bytes resident = 0;
      for (const auto& [object, used] : last_used) {
        const Bytes size = trace.objects[object].size;
        resident += size;
        if (trace.shape_of(object).evictable && frame - used > 600) idle += size;
      }
      EXPECT_GT(resident, kBudget / 2);
      EXPECT_GT(idle, resident - kBudget / 2) << "dip " << dips;
    }
    if (event.object == kNoObject || trace.shape_of(event.object).memory != MemoryUse::device) continue;
    if (event.op == Op::free) {
      last_used.erase(event.object);
    } else {
      last_used[event.object] = frame;
    }
  }
  EXPECT_EQ(dips, 3u);
}

TEST(BudgetSwing, FreesNoMoreDuringADipThanBefore) {
  const Trace trace = generate("budget_swing");
  bool dipped = false;
  bool stated = false;
  std::uint64_t frames[2] = {};
  std::uint64_t frees[2] = {};
  for (const Event& event : trace.events) {
    if (event.op == Op::budget) {
      stated = true;
      dipped = trace.budgets[event.request()].bytes < kBudget;
    }
    if (event.op == Op::snapshot && trace.strings[event.label()] == "swung") break;
    if (!stated) continue;
    if (event.op == Op::frame) ++frames[dipped ? 1 : 0];
    if (event.op == Op::free) ++frees[dipped ? 1 : 0];
  }
  ASSERT_GT(frees[0], 0u);
  const double usual = static_cast<double>(frees[0]) / static_cast<double>(frames[0]);
  const double during = static_cast<double>(frees[1]) / static_cast<double>(frames[1]);
  EXPECT_LT(during, 1.5 * usual);
  EXPECT_GT(during, 0.5 * usual) << "the load goes on";
}

TEST(BudgetSwing, PinnedObjectsSurvive) {
  const Trace trace = generate("budget_swing");
  const TraceSummary summary = summarize(trace);
  const std::set<ObjectIndex>& swung = summary.snapshots.at("swung").objects;
  std::size_t pinned = 0;
  for (const ObjectIndex object : summary.snapshots.at("loaded").objects) {
    if (tag_of(trace, object) != "swing/pinned") continue;
    ++pinned;
    EXPECT_FALSE(trace.shape_of(object).evictable);
    EXPECT_TRUE(swung.contains(object));
  }
  EXPECT_GT(pinned, 10u);
}

TEST(BudgetSwing, WhatLayIdleIsUsedAgain) {
  const Trace trace = generate("budget_swing");
  std::map<ObjectIndex, std::uint64_t> last_used;
  std::uint64_t frame = 0;
  std::size_t touched = 0;
  std::size_t filled = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) frame = event.frame();
    if (event.object == kNoObject || !trace.shape_of(event.object).evictable) continue;
    const auto before = last_used.find(event.object);
    if (before != last_used.end() && frame - before->second > 600) {
      touched += event.op == Op::touch ? 1u : 0u;
      filled += event.op == Op::upload ? 1u : 0u;
    }
    last_used[event.object] = frame;
  }
  EXPECT_GT(touched, 10u);
  EXPECT_GT(filled, 10u);
}

TEST(BudgetSwing, MappedMemoryOverfillsTheUsualWindow) {
  const Trace trace = generate("budget_swing");
  const TraceSummary summary = summarize(trace);
  Bytes loaded = 0;
  Bytes kept = 0;
  for (const ObjectIndex object : summary.snapshots.at("loaded").objects) {
    if (trace.shape_of(object).memory == MemoryUse::dynamic) loaded += trace.objects[object].size;
  }
  for (const ObjectIndex object : summary.snapshots.at("dip").objects) {
    if (trace.shape_of(object).memory == MemoryUse::dynamic) kept += trace.objects[object].size;
  }
  EXPECT_GT(loaded, 256 * kMiB);
  EXPECT_GT(kept, 0u);
  EXPECT_LT(kept, loaded / 4);
}

}  // namespace
}  // namespace vkmembench::testing
