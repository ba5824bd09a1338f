#include "allocator/core/upkeep/buffer_reuse.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <thread>

#include "allocator/device/layers/fault_layer.h"
#include "allocator/testing/test_device.h"

namespace vkmembench {
namespace {

constexpr VkBufferUsageFlags kVertex = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
constexpr VkBufferUsageFlags kIndex = VK_BUFFER_USAGE_INDEX_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;

VkBufferCreateInfo buffer_info(Bytes size, VkBufferUsageFlags usage = kVertex) {
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = size;
  info.usage = usage;
  return info;
}

class BufferReuseTest : public testing::Test {
 protected:
  void open(const std::string& profile, ReuseSettings settings = {.frames_in_flight = 0},
            AllocatorOptions options = {}) {
    owner_ = open_simulated_device(test_profile(profile));
    faults_ = std::make_unique<FaultLayer>(owner_->device());
    allocator_ = std::make_unique<Allocator>(
        faults_->device(),
        AllocatorSettings{"test", options, nullptr, [this](const LiveAllocation& leak) { leaks_.push_back(leak); }});
    reuse_.emplace(*allocator_, settings);
  }
  void TearDown() override {
    reuse_.reset();
    allocator_.reset();
    EXPECT_TRUE(leaks_.empty());
    if (owner_ != nullptr) {
      EXPECT_EQ(simulated_leaks(*owner_).total(), 0u);
    }
  }
  Allocation acquire(Bytes size, const MemoryRequest& request = {}) {
    return *reuse_->acquire(buffer_info(size), request);
  }

  std::unique_ptr<DeviceOwner> owner_;
  std::unique_ptr<FaultLayer> faults_;
  std::vector<LiveAllocation> leaks_;
  std::unique_ptr<Allocator> allocator_;
  std::optional<BufferReuse> reuse_;
};

TEST(ReuseSize, IsTheSmallestRowThatWastesAtMostHalf) {
  EXPECT_EQ(reuse_size(BufferKind::staging, 64 * kKiB), 64 * kKiB);
  EXPECT_EQ(reuse_size(BufferKind::staging, 32 * kKiB), 64 * kKiB);
  EXPECT_EQ(reuse_size(BufferKind::staging, 32 * kKiB - 1), 32 * kKiB - 1);
  EXPECT_EQ(reuse_size(BufferKind::staging, 65 * kKiB), 65 * kKiB);
  EXPECT_EQ(reuse_size(BufferKind::uniform, 200), 256u);
  EXPECT_EQ(reuse_size(BufferKind::uniform, 600), kKiB);
  EXPECT_EQ(reuse_size(BufferKind::storage, 9 * kMiB), 16 * kMiB);
  EXPECT_EQ(reuse_size(BufferKind::storage, 17 * kMiB), 17 * kMiB);
  EXPECT_EQ(reuse_size(BufferKind::none, 100), 100u);
}

TEST(ReuseRows, ArePowersOfTwoOnceAKind) {
  std::set<std::pair<BufferKind, Bytes>> seen;
  for (const ReuseRow& row : kReuseRows) {
    EXPECT_TRUE(is_power_of_two(row.size));
    EXPECT_LE(row.prewarmed, row.kept);
    EXPECT_TRUE(seen.emplace(row.kind, row.size).second);
  }
}

struct Window {
  Bytes ask;
  bool hit;
};
class ReuseWindow : public BufferReuseTest, public testing::WithParamInterface<Window> {};
INSTANTIATE_TEST_SUITE_P(Table, ReuseWindow,
                         testing::Values(Window{4000, true}, Window{3999, true}, Window{2000, true},
                                         Window{1999, false}, Window{4001, false}, Window{8000, false}),
                         [](const auto& row) { return "ask_" + std::to_string(row.param.ask); });
TEST_P(ReuseWindow, IsFromHalfTheBufferToAllOfIt) {
  open("discrete");
  const Allocation first = acquire(4000);
  reuse_->release(first);
  const Allocation second = acquire(GetParam().ask);
  EXPECT_EQ(second.resource == first.resource, GetParam().hit);
  EXPECT_EQ(reuse_->counts().hits, GetParam().hit ? 1u : 0u);
  EXPECT_EQ(reuse_->counts().asks, 2u);
  reuse_->release(second);
}

TEST_F(BufferReuseTest, TheSmallestThatServesIsTaken) {
  open("discrete");
  const Allocation large = acquire(8000);
  const Allocation small = acquire(5000);
  reuse_->release(large);
  reuse_->release(small);
  EXPECT_EQ(acquire(4500).resource, small.resource);
  EXPECT_EQ(acquire(4500).resource, large.resource);
  reuse_->release(small);
  reuse_->release(large);
}

TEST_F(BufferReuseTest, OtherUsesNeverShare) {
  open("discrete");
  const Allocation kept = acquire(4000);
  reuse_->release(kept);
  std::vector<Allocation> others = {*reuse_->acquire(buffer_info(4000, kIndex), {}),
                                    acquire(4000, {.memory = MemoryUse::upload}), acquire(4000, {.evictable = true})};
  for (const Allocation& other : others) EXPECT_NE(other.resource, kept.resource);
  EXPECT_EQ(reuse_->counts().hits, 0u);
  for (const Allocation& other : others) reuse_->release(other);
}

TEST_F(BufferReuseTest, AnAlignmentThatIsMissedIsNoHit) {
  open("discrete");
  const Allocation first = acquire(4000);
  const Allocation second = acquire(4000);  // behind it, not at a multiple of 64 KiB
  ASSERT_NE(second.offset % (64 * kKiB), 0u);
  reuse_->release(second);
  const Allocation aligned = acquire(4000, {.alignment = 64 * kKiB});
  EXPECT_NE(aligned.resource, second.resource);
  EXPECT_EQ(aligned.offset % (64 * kKiB), 0u);
  reuse_->release(first);
  reuse_->release(aligned);
}

TEST_F(BufferReuseTest, AReusedBufferIsBornAnew) {
  open("discrete");
  allocator_->begin_frame(3);
  const Allocation first = acquire(4000, {.user = 7, .kind = BufferKind::vertex});
  reuse_->release(first);
  EXPECT_TRUE(allocator_->live_allocations().empty());
  allocator_->begin_frame(10);
  const Allocation again = acquire(3500, {.user = 8, .kind = BufferKind::index});
  ASSERT_EQ(again.resource, first.resource);
  allocator_->begin_frame(12);
  const std::vector<LiveAllocation> live = allocator_->live_allocations();
  ASSERT_EQ(live.size(), 1u);
  EXPECT_EQ(live[0].user, 8u);
  EXPECT_EQ(live[0].age_frames, 2u);
  const MonitorReport report = allocator_->monitor();
  EXPECT_EQ(report.kinds[static_cast<std::size_t>(BufferKind::vertex)].live, 0u);
  EXPECT_EQ(report.kinds[static_cast<std::size_t>(BufferKind::index)].live, 1u);
  reuse_->release(again);
}

TEST_F(BufferReuseTest, KindsAreRoundedAndKeptAsTheTableSays) {
  open("discrete");
  std::vector<Allocation> all;
  for (int i = 0; i < 8; ++i)
    all.push_back(acquire(40 * kKiB, {.memory = MemoryUse::upload, .kind = BufferKind::staging}));
  for (const Allocation& allocation : all) EXPECT_EQ(allocation.charged, 64 * kKiB);
  for (const Allocation& allocation : all) reuse_->release(allocation);
  EXPECT_EQ(reuse_->held().size(), 4u);
  EXPECT_EQ(reuse_->counts().held_bytes, 4 * 64 * kKiB);
  EXPECT_EQ(allocator_->statistics().total.allocation_count, 4u);
}

TEST_F(BufferReuseTest, PrewarmedBuffersServeTheFirstAsks) {
  open("discrete", {.frames_in_flight = 3, .prewarm = true});
  std::size_t expected = 0;
  for (const ReuseRow& row : kReuseRows) expected += row.prewarmed;
  EXPECT_EQ(reuse_->held().size(), expected);
  const BufferPlan plan = plan_buffer(BufferKind::uniform, 900, *owner_->device().info);
  const Expected<Allocation> made = reuse_->acquire(plan.info, {.memory = plan.memory, .kind = BufferKind::uniform});
  ASSERT_TRUE(made);  // no frame ever used them: the first ask need not wait
  EXPECT_EQ(reuse_->counts().hits, 1u);
  reuse_->release(*made);
}

TEST_F(BufferReuseTest, WaitsForTheFramesInFlight) {
  open("discrete", {.frames_in_flight = 2});
  reuse_->begin_frame(10);
  const Allocation first = acquire(4000);
  reuse_->release(first);
  for (const std::uint64_t frame : {10u, 11u}) {
    reuse_->begin_frame(frame);
    EXPECT_EQ(reuse_->trim(), 0u);
    const Allocation other = acquire(4000);
    EXPECT_NE(other.resource, first.resource) << frame;
    allocator_->destroy(other);
  }
  reuse_->begin_frame(12);
  EXPECT_EQ(acquire(4000).resource, first.resource);
  reuse_->release(first);
}

TEST_F(BufferReuseTest, WhatIsNotKeptIsDestroyedAfterTheFramesInFlight) {
  open("discrete", {.frames_in_flight = 2, .max_held_bytes = 0});
  const Allocation first = acquire(4000);
  reuse_->release(first);
  reuse_->begin_frame(1);
  EXPECT_EQ(allocator_->statistics().total.allocation_count, 1u);
  reuse_->begin_frame(2);
  EXPECT_EQ(allocator_->statistics().total.allocation_count, 0u);
  EXPECT_EQ(reuse_->counts().held_bytes, 0u);
}

TEST_F(BufferReuseTest, TrimsWhatWasUnusedForLong) {
  open("discrete");
  const Allocation old = acquire(4000);
  const Allocation young = acquire(40000);
  reuse_->release(old);
  for (std::uint64_t frame = 1; frame <= 200; ++frame) reuse_->begin_frame(frame);
  reuse_->release(young);
  for (std::uint64_t frame = 201; frame < 360; ++frame) reuse_->begin_frame(frame);
  EXPECT_EQ(reuse_->held().size(), 2u);  // unused for 359 frames, but it is looked for at 360
  reuse_->begin_frame(360);
  ASSERT_EQ(reuse_->held().size(), 1u);
  EXPECT_EQ(reuse_->held().front().resource, young.resource);
  for (std::uint64_t frame = 361; frame <= 600; ++frame) reuse_->begin_frame(frame);
  EXPECT_TRUE(reuse_->held().empty());
  EXPECT_GE(reuse_->counts().held_peak_bytes, 44000u);
}

TEST_F(BufferReuseTest, HeldBuffersAreGivenBackBeforeAHeapIsExhausted) {
  AllocatorOptions options;
  options.dedicated_above_bytes = kMiB;
  open("discrete", {.frames_in_flight = 0}, options);
  std::vector<Allocation> held;
  for (int i = 0; i < 2; ++i) held.push_back(acquire(16 * kMiB));
  for (const Allocation& allocation : held) reuse_->release(allocation);
  EXPECT_EQ(reuse_->held().size(), 2u);
  const Allocation large = acquire(240 * kMiB);  // of 256
  EXPECT_FALSE(large.fallback);
  EXPECT_TRUE(reuse_->held().empty());
  reuse_->release(large);
}

TEST_F(BufferReuseTest, WhatCannotServeOthersGoesBackAtOnce) {
  open("discrete");
  const PoolId pool = allocator_->add_pool({"mine", kMiB, 0, 2, PoolOrder::general});
  reuse_->release(acquire(4000, {.pool = pool}));
  reuse_->release(acquire(17 * kMiB));
  reuse_->release(acquire(4000, {.memory = MemoryUse::transient}));
  EXPECT_TRUE(reuse_->held().empty());
  EXPECT_EQ(allocator_->statistics().total.allocation_count, 0u);
  EXPECT_EQ(reuse_->counts().asks, 0u);
}

TEST_F(BufferReuseTest, BuffersThatFellBackAreNotKept) {
  open("discrete");
  const Allocation full = acquire(250 * kMiB);
  const Allocation fallen = acquire(10 * kMiB);
  ASSERT_TRUE(fallen.fallback);
  reuse_->release(fallen);
  EXPECT_TRUE(reuse_->held().empty());
  reuse_->release(full);
}

TEST_F(BufferReuseTest, RandomUseOnEveryProfileKeepsTheBooks) {
  for (const DeviceProfile& profile : test_profiles()) {
    open(profile.name, {.frames_in_flight = 2, .prewarm = true, .max_held_bytes = 8 * kMiB});
    std::mt19937_64 random(31);
    std::map<std::uint64_t, Bytes> live;
    std::vector<Allocation> order;
    for (std::uint64_t frame = 0; frame < 800; ++frame) {
      allocator_->begin_frame(frame);
      reuse_->begin_frame(frame);
      for (int i = 0; i < 4; ++i) {
        const Bytes size = 1 + random() % (Bytes{1} << (6 + random() % 14));
        const auto kind = static_cast<BufferKind>(random() % kBufferKindCount);
        BufferPlan plan = plan_buffer(kind, size, *owner_->device().info);
        const Expected<Allocation> made = reuse_->acquire(plan.info, {.memory = plan.memory, .kind = kind});
        ASSERT_TRUE(made);
        ASSERT_TRUE(live.emplace(made->resource, size).second) << "handed out twice";
        ASSERT_GE(made->charged, size);
        order.push_back(*made);
      }
      while (order.size() > 20) {
        const std::size_t nth = random() % order.size();
        live.erase(order[nth].resource);
        reuse_->release(order[nth]);
        order.erase(order.begin() + static_cast<std::ptrdiff_t>(nth));
      }
      ASSERT_EQ(allocator_->live_allocations().size(), order.size());
      const ReuseCounts counts = reuse_->counts();
      ASSERT_LE(counts.held_bytes, counts.held_peak_bytes);
    }
    EXPECT_GT(reuse_->counts().hit_ratio(), 0.1) << profile.name;
    EXPECT_EQ(allocator_->statistics().total.allocation_count, order.size() + reuse_->held().size());
    for (const Allocation& allocation : order) reuse_->release(allocation);
    TearDown();
  }
}

TEST_F(BufferReuseTest, ThreadsShareIt) {
  open("discrete", {.frames_in_flight = 0, .prewarm = true});
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([this] {
      for (Bytes i = 0; i < 300; ++i) reuse_->release(acquire(500 + i * 37 % 4000));
    });
  threads.clear();
  EXPECT_EQ(reuse_->counts().asks, 1200u);
  EXPECT_EQ(allocator_->statistics().total.allocation_count, reuse_->held().size());
}

TEST_F(BufferReuseTest, WhateverFailsNothingIsLeftBehind) {
  std::size_t failures = 0;
  for (std::uint64_t n = 1;; ++n) {
    owner_ = open_simulated_device(test_profile("discrete"));
    faults_ = std::make_unique<FaultLayer>(owner_->device());
    faults_->fail_any(n, VK_ERROR_OUT_OF_DEVICE_MEMORY);
    allocator_ = std::make_unique<Allocator>(faults_->device());
    reuse_.emplace(*allocator_, ReuseSettings{.frames_in_flight = 0, .prewarm = true});
    for (const Bytes size : {Bytes{100}, 3 * kMiB, 40 * kKiB, 3 * kMiB}) {
      const Expected<Allocation> made = reuse_->acquire(buffer_info(size), {});
      failures += !made;
      if (made) reuse_->release(*made);
    }
    const bool over = !faults_->fired_any();
    reuse_.reset();
    allocator_.reset();
    ASSERT_EQ(simulated_leaks(*owner_).total(), 0u) << "after failing call " << n;
    if (over) break;
    ASSERT_LT(n, 200u);
  }
  EXPECT_GE(failures, 6u);
}

using BufferReuseDeathTest = BufferReuseTest;
TEST_F(BufferReuseDeathTest, MisuseAborts) {
  open("discrete");
  const Allocation made = acquire(4000, {.memory = MemoryUse::upload});
  (void)*allocator_->map(made);
  EXPECT_DEATH(reuse_->release(made), "unmapped before");
  allocator_->unmap(made);
  EXPECT_DEATH(allocator_->renew(made, {}), "only a held allocation");
  reuse_->release(made);
  EXPECT_DEATH(reuse_->release(made), "released once");
}

}  // namespace
}  // namespace vkmembench
