// What the replay relies on, asked of every preset on every test device.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "allocator/oracle/checked.h"
#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/strategy_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

struct Course {
  std::string preset;
  std::string profile;
  [[nodiscard]] bool null() const { return preset == "null"; }
  // See Granularity below; the profile has a granularity of 64 KiB and images aligned to 256 bytes.
  [[nodiscard]] bool breaks_granularity() const { return preset.starts_with("vma") && profile == "pages"; }
};
void PrintTo(const Course& course, std::ostream* out) { *out << course.preset << " on " << course.profile; }

std::vector<Course> all_courses() {
  std::vector<Course> courses;
  for (const std::string& preset : preset_names()) {
    for (const std::string& profile : test_profile_names()) courses.push_back({preset, profile});
  }
  return courses;
}

class Seam : public testing::TestWithParam<Course> {
 protected:
  Seam() : sim_(test_profile(GetParam().profile)) {
    strategy_ = std::make_unique<Checked>(sim_.d, sim_.d, violations_, [](const Device& device) {
      return parse_strategy(GetParam().preset).make(device);
    });
  }
  // Nothing is left and nothing was wrong.
  void TearDown() override {
    strategy_.reset();
    Counts counts = violations_.counts();
    if (GetParam().breaks_granularity()) counts.erase("granularity");
    EXPECT_EQ(counts, Counts()) << testing::PrintToString(violations_.texts());
    EXPECT_EQ(simulated_leaks(*sim_.owner).total(), 0u);
  }
  [[nodiscard]] bool has_memory(const Allocation& made) const { return made.memory != VK_NULL_HANDLE; }

  SimulatedFixture sim_;
  Violations violations_;
  std::unique_ptr<Strategy> strategy_;
};
INSTANTIATE_TEST_SUITE_P(Presets, Seam, testing::ValuesIn(all_courses()),
                         [](const auto& row) { return test_name(row.param.preset) + "_on_" + row.param.profile; });

TEST_P(Seam, EachUseGetsTheBestTypeThatItsResourceAllows) {
  const MemoryTypeOrders orders = order_memory_types(sim_.d.info->memory);
  for (std::size_t use = 0; use < kMemoryUseCount; ++use) {
    const Expected<Allocation> made = strategy_->create_buffer(buffer_request(1000, static_cast<MemoryUse>(use)));
    ASSERT_TRUE(made) << kMemoryUseRules[use].name;
    if (!GetParam().null()) {
      EXPECT_EQ(made->memory_type, orders[use].pick(sim_.requirements(made->buffer()).memoryTypeBits))
          << kMemoryUseRules[use].name;
      EXPECT_FALSE(made->fallback);
      EXPECT_FALSE(made->image);
      EXPECT_GE(made->charged, sim_.requirements(made->buffer()).size);
    }
    strategy_->destroy(*made, 0);
  }
}

TEST_P(Seam, ImagesOfBothTilingsAreServed) {
  for (const VkImageTiling tiling : {VK_IMAGE_TILING_OPTIMAL, VK_IMAGE_TILING_LINEAR}) {
    ImageRequest request = image_request(128, 64, tiling);
    request.mips = 3;
    request.layers = 2;
    if (tiling == VK_IMAGE_TILING_LINEAR) request.mips = request.layers = 1;
    const Expected<Allocation> made = strategy_->create_image(request);
    ASSERT_TRUE(made);
    EXPECT_TRUE(made->image);
    if (!GetParam().null()) {
      EXPECT_GE(made->charged, sim_.requirements(made->as_image()).size);
    }
    strategy_->destroy(*made, 0);
  }
}

TEST_P(Seam, AnAskedAlignmentIsKept) {
  std::vector<Allocation> live;
  for (const Bytes alignment : {Bytes{1}, Bytes{512}, 4 * kKiB, 64 * kKiB}) {
    live.push_back(*strategy_->create_buffer(buffer_request(100, MemoryUse::device, alignment)));
    EXPECT_EQ(live.back().offset % alignment, 0u);
  }
  for (const Allocation& made : live) strategy_->destroy(made, 0);
}

TEST_P(Seam, MapsNestAndBytesStay) {
  for (const MemoryUse use : {MemoryUse::upload, MemoryUse::readback, MemoryUse::dynamic, MemoryUse::host}) {
    const Allocation first = *strategy_->create_buffer(buffer_request(1000, use));
    const Allocation second = *strategy_->create_buffer(buffer_request(1000, use));  // a neighbour, maybe in one block
    std::byte* outer = *strategy_->map(first);
    if (GetParam().null()) {
      EXPECT_EQ(outer, nullptr);
    } else {
      ASSERT_NE(outer, nullptr);
      std::byte* beside = *strategy_->map(second);
      std::memset(beside, 0x11, 1000);
      std::memset(outer, 0x22, 1000);
      EXPECT_EQ(*strategy_->map(first), outer);
      strategy_->unmap(first);
      EXPECT_EQ(strategy_->flush(first, 3, 990), VK_SUCCESS);
      EXPECT_EQ(strategy_->flush(second, 0, 1000), VK_SUCCESS);
      EXPECT_EQ(strategy_->invalidate(first, 999, 1), VK_SUCCESS);
      EXPECT_TRUE(std::all_of(outer, outer + 1000, [](std::byte b) { return b == std::byte{0x22}; }));
      EXPECT_TRUE(std::all_of(beside, beside + 1000, [](std::byte b) { return b == std::byte{0x11}; }));
      strategy_->unmap(second);
    }
    strategy_->unmap(first);
    std::byte* again = *strategy_->map(first);
    if (again != nullptr) {
      EXPECT_EQ(again[500], std::byte{0x22});
    }
    strategy_->unmap(first);
    strategy_->destroy(first, 0);
    strategy_->destroy(second, 0);
  }
}

TEST_P(Seam, BatchesAnswerInTheOrderOfTheirSizes) {
  const std::vector<Bytes> sizes = {70 * kKiB, 64, 3 * kMiB, 4096, 1, 300 * kKiB};
  std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
  strategy_->create_buffers(buffer_request(0), sizes, results);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    ASSERT_TRUE(results[i]);
    EXPECT_GE(results[i]->charged, sizes[i]);
    if (!GetParam().null()) {
      EXPECT_LT(results[i]->charged, std::max<Bytes>(2 * sizes[i], 8192));
    }
  }
  std::ranges::reverse(results);
  for (const auto& made : results) strategy_->destroy(*made, 0);
  strategy_->create_buffers(buffer_request(0), {}, {});
}

TEST_P(Seam, ARefusalIsDataAndLeavesRoomForOthers) {
  if (GetParam().null()) return;
  const Expected<Allocation> huge = strategy_->create_buffer(buffer_request(100 * kGiB, MemoryUse::upload));
  EXPECT_FALSE(huge);
  EXPECT_NE(huge.result(), VK_NOT_READY);
  const std::vector<Bytes> sizes = {64, 100 * kGiB, 128};
  std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
  strategy_->create_buffers(buffer_request(0, MemoryUse::upload), sizes, results);
  ASSERT_TRUE(results[0]);  // each item succeeds or says why not
  EXPECT_FALSE(results[1]);
  ASSERT_TRUE(results[2]);
  strategy_->destroy(*results[0], 0);
  strategy_->destroy(*results[2], 0);
}

TEST_P(Seam, AFullTypeFallsBackToTheNextAndSaysSo) {
  if (GetParam().null() || GetParam().profile != "discrete") return;
  std::vector<Allocation> live;  // the device heap holds 256 MiB, the host heap 512 MiB
  std::uint64_t fallbacks = 0;
  for (;;) {
    const Expected<Allocation> made = strategy_->create_buffer(buffer_request(8 * kMiB));
    if (!made) break;
    fallbacks += made->fallback;
    EXPECT_EQ(made->fallback, made->memory_type != 0);
    live.push_back(*made);
    ASSERT_LE(live.size(), 96u);
  }
  EXPECT_GE(live.size(), 64u);  // half of either heap at least
  EXPECT_GT(fallbacks, 0u);
  for (const Allocation& made : live) strategy_->destroy(made, 0);
  const Expected<Allocation> after = strategy_->create_buffer(buffer_request(8 * kMiB));
  ASSERT_TRUE(after);
  EXPECT_FALSE(after->fallback);
  strategy_->destroy(*after, 0);
}

TEST_P(Seam, PoolsTellWhatIsLive) {
  std::vector<Allocation> live;
  for (const Bytes size : {Bytes{100}, 100 * kKiB, 2 * kMiB})
    live.push_back(*strategy_->create_buffer(buffer_request(size)));
  live.push_back(*strategy_->create_image(image_request(64, 64)));
  const std::vector<PoolStatistics> pools = strategy_->pools();
  if (!pools.empty()) {
    std::uint64_t count = 0;
    Bytes bytes = 0;
    Bytes blocks = 0;
    for (const PoolStatistics& pool : pools) {
      count += pool.allocation_count;
      bytes += pool.allocation_bytes;
      blocks += pool.block_bytes;
    }
    Bytes charged = 0;
    for (const Allocation& made : live) {
      charged += made.charged;
      ASSERT_LT(made.pool, pools.size());
      EXPECT_EQ(pools[made.pool].memory_type, made.memory_type);
    }
    EXPECT_EQ(count, live.size());
    EXPECT_EQ(bytes, charged);
    EXPECT_LE(bytes, blocks);
    EXPECT_EQ(blocks, simulated_leaks(*sim_.owner).memory_bytes);
  }
  for (const Allocation& made : live) strategy_->destroy(made, 0);
}

TEST_P(Seam, AliasesShareMemoryOrAreRefused) {
  for (const MemoryUse use : {MemoryUse::device, MemoryUse::upload}) {
    const Allocation before = *strategy_->create_buffer(buffer_request(700, use));
    BufferRequest shared = buffer_request(256 * kKiB, use);
    shared.shared = true;
    const Allocation target = *strategy_->create_buffer(shared);
    const Expected<Allocation> buffer = strategy_->create_alias(buffer_request(1000, use), target, 0);
    const Expected<Allocation> image = strategy_->create_alias(image_request(64, 64), target, 0);
    const Expected<Allocation> large = strategy_->create_alias(buffer_request(kMiB, use), target, 0);
    EXPECT_EQ(large.result(), VK_ERROR_FEATURE_NOT_PRESENT);
    EXPECT_EQ(bool(buffer), GetParam().preset != "null");
    for (const auto& alias : {buffer, image}) {
      if (!alias) {
        EXPECT_EQ(alias.result(), VK_ERROR_FEATURE_NOT_PRESENT);
        continue;
      }
      EXPECT_EQ(alias->memory, target.memory);
      EXPECT_EQ(alias->offset, target.offset);
    }
    if (buffer && use == MemoryUse::upload) {
      std::byte* bytes = *strategy_->map(*buffer);
      EXPECT_EQ(*strategy_->map(target), bytes);
      std::memset(bytes, 0x44, 1000);
      EXPECT_EQ(strategy_->flush(*buffer, 0, 1000), VK_SUCCESS);
      EXPECT_EQ(strategy_->invalidate(*buffer, 0, 1000), VK_SUCCESS);
      strategy_->unmap(target);
      strategy_->unmap(*buffer);
    }
    for (const auto& alias : {buffer, image})
      if (alias) strategy_->destroy(*alias, 0);
    strategy_->destroy(target, 0);
    strategy_->destroy(before, 0);
  }
}

TEST_P(Seam, MemoryStaysForAliasesBehindItsBegin) {
  for (const MemoryUse use : {MemoryUse::device, MemoryUse::upload}) {
    BufferRequest shared = buffer_request(256 * kKiB, use);
    shared.shared = true;
    const Allocation target = *strategy_->create_buffer(shared);
    const Expected<Allocation> first = strategy_->create_alias(buffer_request(1000, use), target, 64 * kKiB);
    EXPECT_EQ(bool(first), GetParam().preset != "null");
    if (!first) {
      strategy_->destroy(target, 0);
      continue;
    }
    EXPECT_EQ(first->offset, target.offset + 64 * kKiB);
    EXPECT_EQ(strategy_->create_alias(buffer_request(1000, use), *first, 192 * kKiB).result(),
              VK_ERROR_FEATURE_NOT_PRESENT);
    const Allocation second = *strategy_->create_alias(buffer_request(128 * kKiB, use), *first, 4 * kKiB);
    strategy_->destroy(target, 0);
    strategy_->destroy(*first, 0);
    const Allocation other = *strategy_->create_buffer(buffer_request(256 * kKiB, use));
    if (use == MemoryUse::upload) {
      std::memset(*strategy_->map(second), 0x44, 128 * kKiB);
      EXPECT_EQ(strategy_->flush(second, 1000, 127 * kKiB), VK_SUCCESS);
      strategy_->unmap(second);
    }
    strategy_->destroy(second, 0);
    strategy_->destroy(other, 0);
  }
}

TEST_P(Seam, ABufferMayBeHandedOutAgainAfterItsDestroy) {
  for (int round = 0; round < 3; ++round) {
    std::vector<Allocation> live;
    for (const Bytes size : {Bytes{800}, 60 * kKiB, 60 * kKiB, kMiB})
      live.push_back(*strategy_->create_buffer(buffer_request(size)));
    for (const Allocation& made : live) strategy_->destroy(made, 0);
    strategy_->begin_frame(static_cast<std::uint64_t>(round) + 1);
  }
}

TEST_P(Seam, FramesMayPassAtAnyTime) {
  strategy_->begin_frame(0);
  const Allocation made = *strategy_->create_buffer(buffer_request(5 * kMiB));
  for (std::uint64_t n = 1; n < 100; ++n) strategy_->begin_frame(n);
  strategy_->destroy(made, 0);
  for (std::uint64_t n = 100; n < 1000; ++n) strategy_->begin_frame(n);
}

TEST_P(Seam, LanesWorkAtOnce) {
  std::vector<std::jthread> threads;
  for (std::uint16_t lane = 0; lane < 4; ++lane) {
    threads.emplace_back([this, lane] {
      std::vector<Allocation> mine;
      for (std::uint64_t i = 0; i < 60; ++i) {
        BufferRequest request = buffer_request(1 + (i * 7919 + lane * 104729u) % 100000, MemoryUse::upload);
        request.lane = lane;
        const Expected<Allocation> made = strategy_->create_buffer(request);
        if (made) mine.push_back(*made);
        if (made && has_memory(*made)) {
          const Expected<std::byte*> bytes = strategy_->map(*made);
          ASSERT_TRUE(bytes);
          std::memset(*bytes, lane, request.size);
          EXPECT_EQ(strategy_->flush(*made, 0, request.size), VK_SUCCESS);
          strategy_->unmap(*made);
        }
        if (i % 3 == 2 && !mine.empty()) {
          strategy_->destroy(mine.front(), lane);
          mine.erase(mine.begin());
        }
      }
      for (const Allocation& made : mine) strategy_->destroy(made, lane);
    });
  }
}

TEST(NullStrategy, ServesEverythingAndCallsNothing) {
  const Device nothing;
  const auto strategy = parse_strategy("null").make(nothing);
  const Allocation made = *strategy->create_buffer(buffer_request(~Bytes{0}));
  EXPECT_NE(made.resource, 0u);
  EXPECT_EQ(made.memory, VkDeviceMemory{VK_NULL_HANDLE});
  EXPECT_TRUE(strategy->create_image(image_request(1, 1))->image);
  EXPECT_EQ(strategy->flush(made, 0, 1), VK_SUCCESS);
  EXPECT_EQ(strategy->invalidate(made, 0, 1), VK_SUCCESS);
  EXPECT_TRUE(strategy->pools().empty());
  strategy->destroy(made, 0);
}

TEST(DedicatedStrategy, GivesEachResourceMemoryOfExactlyItsSize) {
  const SimulatedFixture sim(test_profile());
  const auto strategy = parse_strategy("dedicated").make(sim.d);
  const Allocation buffer = *strategy->create_buffer(buffer_request(65));
  const Allocation image = *strategy->create_image(image_request(16, 16));
  EXPECT_NE(buffer.memory, image.memory);
  EXPECT_EQ(buffer.charged, 80u);
  EXPECT_EQ(image.charged, 1024u);
  EXPECT_TRUE(buffer.dedicated && image.dedicated);
  EXPECT_EQ(buffer.offset, 0u);
  EXPECT_EQ(simulated_leaks(*sim.owner).memories, 2u);
  EXPECT_EQ(simulated_leaks(*sim.owner).memory_bytes, 1104u);
  strategy->destroy(buffer, 0);
  strategy->destroy(image, 0);
  EXPECT_EQ(simulated_leaks(*sim.owner).total(), 0u);
}

TEST(DedicatedStrategyDeathTest, AnUnmapNeedsAMap) {
  const SimulatedFixture sim(test_profile());
  const auto strategy = parse_strategy("dedicated").make(sim.d);
  const Allocation made = *strategy->create_buffer(buffer_request(64, MemoryUse::upload));
  EXPECT_DEATH(strategy->unmap(made), "unmap without map");
  strategy->destroy(made, 0);
}

TEST(StrategyDeathTest, ABatchNeedsAResultForEachSize) {
  const Device nothing;
  const auto strategy = parse_strategy("null").make(nothing);
  const std::vector<Bytes> sizes = {1, 2};
  std::vector<Expected<Allocation>> results(1, VK_NOT_READY);
  EXPECT_DEATH(strategy->create_buffers(buffer_request(0), sizes, results), "a result for each size");
}

// VMA 3.2.1 moves a resource that conflicts with its first page to the next page without a look at who is there
// (VmaBlockBufferImageGranularity::CheckConflictAndAlignUp). The gaps here end in a page of buffers.
class Granularity : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Presets, Granularity, testing::ValuesIn(preset_names(false)),
                         [](const auto& row) { return test_name(row.param); });
TEST_P(Granularity, IsKeptByAllButVma) {
  const SimulatedFixture sim(test_profile("pages"));
  Violations violations;
  {
    Checked strategy(sim.d, sim.d, violations,
                     [](const Device& device) { return parse_strategy(GetParam()).make(device); });
    std::vector<Allocation> live;
    std::vector<Allocation> gaps;
    for (int i = 0; i < 20; ++i) {
      live.push_back(*strategy.create_buffer(buffer_request(32 * kKiB)));
      gaps.push_back(*strategy.create_buffer(buffer_request(48 * kKiB)));
      live.push_back(*strategy.create_buffer(buffer_request(48 * kKiB)));
    }
    for (const Allocation& made : gaps) strategy.destroy(made, 0);
    for (std::uint32_t i = 0; i < 20; ++i) live.push_back(*strategy.create_image(image_request(32, 32)));
    for (const Allocation& made : live) strategy.destroy(made, 0);
  }
  const Counts counts = violations.counts();
  if (GetParam().starts_with("vma")) {
    ASSERT_EQ(counts.size(), 1u);
    EXPECT_EQ(counts.begin()->first, "granularity");
  } else {
    EXPECT_EQ(counts, Counts());
  }
}

}  // namespace
}  // namespace vkmembench
