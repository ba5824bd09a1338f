#include "allocator/strategy/core/core_strategy.h"

#include <gtest/gtest.h>

#include <optional>

#include "allocator/base/error.h"
#include "allocator/strategy/core/arena_strategy.h"
#include "allocator/strategy/families.h"
#include "allocator/testing/test_device.h"

namespace vkmembench {
namespace {

TEST(CoreFamily, PresetsAreValidOnEveryTestDevice) {
  for (const DeviceProfile& profile : test_profiles()) {
    const auto owner = open_simulated_device(profile);
    for (const StrategyPreset& preset : strategy_presets()) {
      if (preset.family != &core_family()) continue;
      const auto strategy = core_family().make(owner->device(), preset.parameters);
      BufferRequest request;
      request.size = 1000;
      request.usage = VK_BUFFER_USAGE_INDEX_BUFFER_BIT;
      const Expected<Allocation> made = strategy->create_buffer(request);
      ASSERT_TRUE(made) << profile.name;
      const auto pools = strategy->pools();
      ASSERT_LT(made->pool, pools.size());
      const std::string prefix = preset.name == "core-arenas" ? "arena0/" : "";
      EXPECT_EQ(pools[made->pool].name, prefix + "small/type" + std::to_string(made->memory_type));
      EXPECT_EQ(pools[made->pool].allocation_count, 1u);
      EXPECT_EQ(pools[made->pool].allocation_bytes, made->charged);
      strategy->destroy(*made, 0);
    }
  }
}

TEST(CoreFamily, BatchesGoThroughTheAllocator) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  const auto strategy = core_family().make(owner->device(), {});
  BufferRequest common;
  common.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
  const std::vector<Bytes> sizes(50, 100 * kKiB);
  std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
  strategy->create_buffers(common, sizes, results);
  Bytes blocks = 0;
  for (const PoolStatistics& pool : strategy->pools()) blocks += pool.block_bytes;
  EXPECT_EQ(blocks, 5000 * kKiB);  // one block of exactly the batch
  for (const auto& result : results) strategy->destroy(*result, 0);
}

std::optional<double> figure(const Strategy& strategy, Figure wanted, std::string_view scope = {}) {
  for (const StrategyFigure& one : strategy.figures())
    if (one.figure == wanted && one.scope == scope) return one.value;
  return std::nullopt;
}

TEST(CoreFamily, NamedPoolsServeWhatNamesThem) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  const auto strategy = core_family().make(owner->device(), parse_strategy("core-pools").parameters);
  BufferRequest request;
  request.size = 1000;
  request.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
  for (const NamedPool& row : kNamedPools) {
    request.pool = row.name;
    const Allocation made = *strategy->create_buffer(request);
    EXPECT_EQ(strategy->pools()[made.pool].name, std::string(row.name) + "/type0");
    EXPECT_EQ(strategy->pools()[made.pool].block_count, row.min_blocks);
    strategy->destroy(made, 0);
  }
  request.pool = "vertx";
  EXPECT_THROW((void)strategy->create_buffer(request), Error);
  const auto plain = core_family().make(owner->device(), {});
  const Allocation made = *plain->create_buffer(request);  // serves it like any other
  EXPECT_EQ(plain->pools()[made.pool].name, "small/type0");
  plain->destroy(made, 0);
}

TEST(CoreFamily, ReuseIsReported) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  const auto strategy = core_family().make(owner->device(), {{"reuse", true}});
  BufferRequest request;
  request.size = 3000;
  request.kind = BufferKind::vertex;
  request.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
  for (int i = 0; i < 4; ++i) strategy->destroy(*strategy->create_buffer(request), 0);
  EXPECT_EQ(figure(*strategy, Figure::reuse_hit_ratio), 0.75);
  EXPECT_EQ(figure(*strategy, Figure::reuse_held_bytes_peak), 3008.0);
  EXPECT_EQ(figure(*strategy, Figure::kind_created_count, "vertex"), 4.0);
  EXPECT_EQ(figure(*strategy, Figure::kind_live_peak_bytes, "vertex"), 3008.0);
  EXPECT_EQ(figure(*strategy, Figure::kind_created_count, "index"), std::nullopt);
  for (const PoolStatistics& pool : strategy->pools()) EXPECT_EQ(pool.allocation_count, 0u) << pool.name;
  for (std::uint64_t frame = 0; frame <= 360; ++frame) strategy->begin_frame(frame);
  EXPECT_EQ(simulated_leaks(*owner).buffers, 0u);
  const auto plain = core_family().make(owner->device(), {});
  EXPECT_EQ(figure(*plain, Figure::reuse_hit_ratio), std::nullopt);
}

TEST(CoreFamily, LanesAskArenasAndAnyLaneMayFree) {
  const auto owner = open_simulated_device(test_profile("unified"));
  ArenaStrategy strategy(owner->device(), core_options(parse_strategy("core-arenas").parameters));
  BufferRequest request;
  request.size = 1000;
  request.usage = VK_BUFFER_USAGE_INDEX_BUFFER_BIT;
  request.memory = MemoryUse::upload;
  std::vector<Allocation> live;
  for (const int number : {0, 1, 7, 8, 9}) {
    const auto lane = static_cast<std::uint16_t>(number);
    request.lane = lane;
    live.push_back(*strategy.create_buffer(request));
    EXPECT_EQ(strategy.pools()[live.back().pool].name.find("arena" + std::to_string(lane % 8) + "/"), 0u);
  }
  for (const Allocation& allocation : live) {
    std::byte* bytes = *strategy.map(allocation);
    bytes[999] = std::byte{1};
    EXPECT_EQ(strategy.flush(allocation, 0, 1000), VK_SUCCESS);
    EXPECT_EQ(strategy.invalidate(allocation, 0, 1000), VK_SUCCESS);
    strategy.unmap(allocation);
    strategy.destroy(allocation, 3);
  }
  EXPECT_EQ(strategy.arenas().statistics().total.allocation_count, 0u);
}

TEST(CoreFamily, ContradictionsThrow) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  EXPECT_THROW((void)core_family().make(owner->device(), {{"min_block_bytes", std::uint64_t{512 * kMiB}}}), Error);
}

TEST(CreateInfo, ImagesAreAsFlatAsTheirExtent) {
  ImageRequest request;
  request.extent = {8, 1, 1};
  EXPECT_EQ(create_info(request).imageType, VK_IMAGE_TYPE_1D);
  request.extent = {8, 8, 1};
  EXPECT_EQ(create_info(request).imageType, VK_IMAGE_TYPE_2D);
  request.extent = {8, 8, 8};
  request.mips = 3;
  EXPECT_EQ(create_info(request).imageType, VK_IMAGE_TYPE_3D);
  EXPECT_EQ(create_info(request).mipLevels, 3u);
}

}  // namespace
}  // namespace vkmembench
