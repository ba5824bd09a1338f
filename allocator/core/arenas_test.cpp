#include "allocator/core/arenas.h"

#include <gtest/gtest.h>

#include <random>

#include "allocator/base/error.h"
#include "allocator/testing/test_device.h"

namespace vkmembench {
namespace {

VkBufferCreateInfo buffer_info(Bytes size, VkBufferUsageFlags usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT) {
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = size;
  info.usage = usage;
  return info;
}

ArenaSettings with(std::uint32_t arenas) {
  ArenaSettings settings;
  settings.each.tag = "test";
  settings.count = arenas;
  return settings;
}

std::size_t made(const Arenas& arenas) {
  std::size_t count = 0;
  arenas.for_each([&](const Allocator&) { ++count; });
  return count;
}

class ArenaCount : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Arenas, ArenaCount, testing::Values(1u, 2u, 8u, 64u), testing::PrintToStringParamName());

TEST_P(ArenaCount, LanesShareByTheirRemainder) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  Arenas arenas(owner->device(), with(GetParam()));
  for (const std::uint32_t lane : {0u, 1u, 7u, 63u, 64u, 65'535u})
    EXPECT_EQ(arenas.of_lane(lane).arena_number(), lane % GetParam()) << lane;
}

TEST_P(ArenaCount, AnArenaThatNobodyAskedForIsNotMade) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  Arenas arenas(owner->device(), with(GetParam()));
  EXPECT_EQ(made(arenas), 0u);
  (void)arenas.of_lane(0);
  (void)arenas.of_lane(GetParam());
  EXPECT_EQ(made(arenas), 1u);
}

// What lives is what a model of all arenas says; only peaks are each arena's own.
void expect_kinds(const MonitorReport& report, const std::array<KindCounts, kBufferKindCount>& model) {
  for (std::size_t kind = 0; kind < kBufferKindCount; ++kind) {
    EXPECT_EQ(report.kinds[kind].created, model[kind].created) << kBufferKinds[kind].name;
    EXPECT_EQ(report.kinds[kind].live, model[kind].live) << kBufferKinds[kind].name;
    EXPECT_EQ(report.kinds[kind].live_bytes, model[kind].live_bytes) << kBufferKinds[kind].name;
    EXPECT_GE(report.kinds[kind].peak_bytes, model[kind].live_bytes) << kBufferKinds[kind].name;
  }
}

// Random use from several lanes, frees handed to whichever arena: all statistics agree with the plain list of what
// lives.
TEST_P(ArenaCount, BooksAreThoseOfAllArenas) {
  const auto owner = open_simulated_device(test_profile("unified"));
  {
    Arenas arenas(owner->device(), with(GetParam()));
    std::mt19937_64 random(GetParam());
    std::vector<Allocation> live;
    Bytes charged = 0;
    std::array<KindCounts, kBufferKindCount> kinds{};
    const auto count = [&](const Allocation& allocation, bool created) {
      const AllocationRecord record = arenas.owner_of(allocation).record(allocation);
      KindCounts& counts = kinds[static_cast<std::size_t>(record.kind)];
      counts.created += created ? 1 : 0;
      counts.live += created ? 1 : -std::uint64_t{1};
      counts.live_bytes += created ? record.requested : -record.requested;
    };
    for (int step = 0; step < 2000; ++step) {
      if (live.size() < 200 && random() % 3 != 0) {
        const auto lane = static_cast<std::uint32_t>(random() % 5);
        const auto use = random() % 2 == 0 ? MemoryUse::device : MemoryUse::upload;
        const auto kind = static_cast<BufferKind>(1 + random() % (kBufferKindCount - 1));
        const Bytes size = 1 + random() % (Bytes{1} << (6 + random() % 13));
        const Expected<Allocation> got =
            arenas.of_lane(lane).create_buffer(buffer_info(size), {.memory = use, .kind = kind});
        ASSERT_TRUE(got);
        EXPECT_EQ(arenas.owner_of(*got).arena_number(), lane % GetParam());
        live.push_back(*got);
        charged += got->charged;
        count(*got, true);
      } else if (!live.empty()) {
        std::swap(live[random() % live.size()], live.back());
        charged -= live.back().charged;
        EXPECT_TRUE(arenas.contains(live.back()));
        count(live.back(), false);
        arenas.destroy(live.back(), static_cast<std::uint32_t>(random() % 5));
        EXPECT_FALSE(arenas.contains(live.back()));
        live.pop_back();
      }
      if (step % 100 != 0) continue;
      const Statistics statistics = arenas.statistics();
      const DetailedStatistics detail = arenas.detail();
      EXPECT_EQ(statistics.total.allocation_count, live.size());
      EXPECT_EQ(statistics.total.allocation_bytes, charged);
      EXPECT_EQ(statistics.total.block_count, arenas.budget().objects());
      EXPECT_EQ(statistics.total.block_bytes, arenas.budget().total_reserved());
      EXPECT_EQ(detail.blocks.size(), statistics.total.block_count);
      ASSERT_LE(detail.pools.size(), statistics.pools.size());
      MemoryCounts by_heap;
      for (const HeapSnapshot& heap : statistics.heaps) by_heap += heap.now;
      EXPECT_EQ(by_heap, statistics.total);
      for (std::size_t pool = 0; pool < detail.pools.size(); ++pool) {
        EXPECT_FALSE(statistics.pools[pool].name.empty());
        EXPECT_EQ(detail.pools[pool], statistics.pools[pool].now) << statistics.pools[pool].name;
      }
      EXPECT_EQ(arenas.live_allocations().size(), live.size());
      expect_kinds(arenas.monitor(), kinds);
    }
    EXPECT_EQ(arenas.monitor().totals.created - arenas.monitor().totals.destroyed, live.size());
    for (const Allocation& allocation : live) arenas.destroy(allocation);
    arenas.trim();
    EXPECT_EQ(arenas.budget().objects(), 0u);
  }
  EXPECT_EQ(simulated_leaks(*owner).total(), 0u);
}

TEST(Arenas, PoolsAreNumberedOnceAndNamedByArena) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  Arenas arenas(owner->device(), with(4));
  std::vector<Allocation> live;
  for (const std::uint32_t lane : {2u, 0u, 2u, 3u})
    live.push_back(*arenas.of_lane(lane).create_buffer(buffer_info(1000), {}));
  EXPECT_EQ(live[0].pool, 0u);
  EXPECT_EQ(live[1].pool, 1u);
  EXPECT_EQ(live[2].pool, live[0].pool);
  EXPECT_EQ(live[3].pool, 2u);
  const Statistics statistics = arenas.statistics();
  EXPECT_EQ(statistics.pools[0].name, "arena2/small/type" + std::to_string(live[0].memory_type));
  EXPECT_EQ(statistics.pools[1].name, "arena0/small/type" + std::to_string(live[1].memory_type));
  for (const Allocation& allocation : live) {
    EXPECT_EQ(statistics.pools[allocation.pool].now.allocation_count, allocation.pool == 0 ? 2u : 1u);
    arenas.destroy(allocation);
  }
}

TEST(Arenas, OneArenaIsNamedLikeAnAllocator) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  Arenas arenas(owner->device(), with(1));
  const Allocation allocation = *arenas.of_lane(9).create_buffer(buffer_info(1000), {});
  EXPECT_EQ(arenas.statistics().pools[allocation.pool].name, "small/type" + std::to_string(allocation.memory_type));
  arenas.destroy(allocation);
}

// What an arena keeps empty is given back before another is refused.
TEST(Arenas, NobodyIsRefusedForWhatOthersKeepEmpty) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  ArenaSettings settings = with(2);
  settings.each.options.keep_empty_ratio = 16;
  settings.each.options.fallback = FallbackPolicy::forbid;
  Arenas arenas(owner->device(), settings);
  std::vector<Allocation> kept;
  const MemoryRequest request{.memory = MemoryUse::device};
  for (;;) {
    const Expected<Allocation> got = arenas.at(0).create_buffer(buffer_info(kMiB), request);
    if (!got) break;
    kept.push_back(*got);
  }
  ASSERT_GT(kept.size(), 4u);
  const Allocation last = kept.back();
  for (std::size_t i = kept.size() / 2; i < kept.size(); ++i) arenas.destroy(kept[i]);
  kept.resize(kept.size() / 2);
  ASSERT_GT(arenas.statistics().total.empty_bytes, 2 * kMiB) << "the test needs an arena that keeps something";
  const Expected<Allocation> got = arenas.at(1).create_buffer(buffer_info(kMiB), request);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->memory_type, last.memory_type);
  arenas.destroy(*got);
  for (const Allocation& allocation : kept) arenas.destroy(allocation);
}

TEST(Arenas, ABudgetOfOthersIsSharedToo) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  MemoryBudget budget(*owner->device().info);
  ArenaSettings settings = with(3);
  settings.each.budget = &budget;
  Arenas arenas(owner->device(), settings);
  Allocator other(owner->device(), {.tag = "other", .options = {}, .budget = &budget, .on_leak = {}, .arena = {}});
  const Allocation here = *arenas.of_lane(2).create_buffer(buffer_info(1000), {});
  const Allocation there = *other.create_buffer(buffer_info(1000), {});
  EXPECT_EQ(budget.objects(), 2u);
  arenas.destroy(here);
  other.destroy(there);
}

TEST(Arenas, LeaksOfEveryArenaAreReportedOldestFirst) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  std::vector<std::string> leaks;
  ArenaSettings settings = with(2);
  settings.each.on_leak = [&](const LiveAllocation& leak) { leaks.push_back(to_text(leak)); };
  std::vector<Allocation> lost;
  {
    Arenas arenas(owner->device(), settings);
    lost.push_back(*arenas.of_lane(0).create_buffer(buffer_info(4096), {.user = 7}));
    arenas.begin_frame(10);
    lost.push_back(*arenas.of_lane(1).create_buffer(buffer_info(4096, VK_BUFFER_USAGE_INDEX_BUFFER_BIT), {.user = 8}));
    EXPECT_EQ(arenas.of_lane(1).live_allocations().front().age_frames, 0u) << "made in frame 10, as its arena";
    arenas.begin_frame(12);
    const auto live = arenas.live_allocations();
    ASSERT_EQ(live.size(), 2u);
    EXPECT_EQ(live[0].user, 7u);
    EXPECT_EQ(live[0].age_frames, 12u);
    EXPECT_EQ(live[1].age_frames, 2u);
    EXPECT_GT(live[0].origin.line, 0);
  }
  ASSERT_EQ(leaks.size(), 2u);
  EXPECT_EQ(leaks[0].find("test: buffer vertex_buffer, user 7, 4096 bytes, 12 frames old, asked for at "), 0u)
      << leaks[0];
  EXPECT_NE(leaks[0].find("arenas_test.cpp:"), std::string::npos);
  EXPECT_EQ(leaks[1].find("test: buffer index_buffer, user 8, 4096 bytes, 2 frames old"), 0u) << leaks[1];
  for (const Allocation& allocation : lost)
    owner->device().fn.destroy_buffer(owner->device().handle, allocation.buffer(), nullptr);
}

TEST(LeakLine, SaysWhatIsKnown) {
  LiveAllocation live;
  live.image = true;
  live.user = 3;
  live.size = 256;
  EXPECT_EQ(to_text(live), "image, user 3, 256 bytes, 0 frames old");
  live.image = false;
  live.tag = "scene";
  live.usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
  live.origin = {"mesh.cpp", 12};
  EXPECT_EQ(to_text(live),
            "scene: buffer transfer_dst+vertex_buffer, user 3, 256 bytes, 0 frames old, asked for at mesh.cpp:12");
}

TEST(Arenas, BadOptionsThrowBeforeAnythingIsMade) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  EXPECT_THROW(Arenas(owner->device(), with(0)), Error);
  EXPECT_THROW(Arenas(owner->device(), with(kMaxArenas + 1)), Error);
  ArenaSettings contradiction = with(2);
  contradiction.each.options.min_block_bytes = 2 * contradiction.each.options.max_block_bytes;
  EXPECT_THROW(Arenas(owner->device(), contradiction), Error);
}

TEST(ArenasDeathTest, MisuseAborts) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  Arenas arenas(owner->device(), with(2));
  EXPECT_DEATH((void)arenas.at(2), "as many arenas");
  const Allocation allocation = *arenas.at(1).create_buffer(buffer_info(64), {});
  arenas.destroy(allocation);
  EXPECT_DEATH(arenas.destroy(allocation), "between its creation and its destruction");
}

}  // namespace
}  // namespace vkmembench
