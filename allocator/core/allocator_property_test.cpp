// Random use on every test profile with every preset, against a model that shares nothing with the allocator.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <tuple>

#include "allocator/strategy/core/core_strategy.h"
#include "allocator/strategy/strategies.h"
#include "allocator/testing/test_device.h"

namespace vkmembench {
namespace {

struct Preset {
  std::string name;
  Parameters parameters;
};

struct Placed {
  Allocation allocation;
  Bytes size = 0;  // that the device requires
  bool optimal = false;
};

class EveryProfile : public testing::TestWithParam<std::tuple<DeviceProfile, Preset>> {};
INSTANTIATE_TEST_SUITE_P(
    Presets, EveryProfile,
    testing::Combine(testing::ValuesIn(test_profiles()),
                     testing::Values(Preset{"defaults", parse_strategy("core-default").parameters},
                                     Preset{"speed", parse_strategy("core-speed").parameters},
                                     Preset{"memory", parse_strategy("core-memory").parameters},
                                     Preset{"smart", {{"alignment", std::string("smart")}}},
                                     Preset{"apart", {{"borrow", false}, {"keep_empty_blocks", std::uint64_t{0}}}})),
    [](const auto& row) { return std::get<0>(row.param).name + "_" + std::get<1>(row.param).name; });

// The naive oracle: every placed resource by memory object and offset.
class Oracle {
 public:
  Oracle(const Device& device, const DeviceProfile& profile) : device_(device), profile_(profile) {}

  void add(const Placed& placed, MemoryUse use, Bytes alignment) {
    const Allocation& allocation = placed.allocation;
    const VkMemoryPropertyFlags flags = profile_.memory.memoryTypes[allocation.memory_type].propertyFlags;
    ASSERT_EQ(flags & rule_of(use).required, rule_of(use).required);
    ASSERT_GE(allocation.charged, placed.size);
    ASSERT_EQ(allocation.offset % std::max<Bytes>(alignment, 1), 0u);
    auto& there = placed_[allocation.memory];
    const auto next = there.lower_bound(allocation.offset);
    if (next != there.end()) expect_apart(placed, next->second);
    if (next != there.begin()) expect_apart(std::prev(next)->second, placed);
    there.emplace(allocation.offset, placed);
  }
  void remove(const Placed& placed) { placed_[placed.allocation.memory].erase(placed.allocation.offset); }

 private:
  void expect_apart(const Placed& low, const Placed& high) {
    ASSERT_LE(low.allocation.offset + low.allocation.charged, high.allocation.offset);
    if (low.optimal == high.optimal) return;
    const Bytes page = profile_.limits.bufferImageGranularity;
    ASSERT_LT((low.allocation.offset + low.size - 1) / page, high.allocation.offset / page);
  }
  Device device_;
  const DeviceProfile& profile_;
  std::map<VkDeviceMemory, std::map<Offset, Placed>> placed_;
};

void expect_counters_match_the_walk(const Allocator& allocator, Bytes live_bytes, std::size_t live_count) {
  const Statistics statistics = allocator.statistics();
  const DetailedStatistics detail = allocator.detail();
  ASSERT_EQ(statistics.pools.size(), detail.pools.size());
  for (std::size_t i = 0; i < detail.pools.size(); ++i) {
    ASSERT_EQ(statistics.pools[i].now, detail.pools[i]) << statistics.pools[i].name;
    ASSERT_EQ(detail.free[i].bytes, detail.pools[i].free_bytes());
    ASSERT_LE(detail.free[i].largest, detail.free[i].bytes);
  }
  for (const BlockMap& block : detail.blocks) {
    Offset end = 0;
    for (const Span& span : block.spans) {
      ASSERT_EQ(span.offset, end);
      end += span.size;
    }
    ASSERT_EQ(end, block.size);
  }
  ASSERT_EQ(statistics.total.required_bytes, live_bytes);
  ASSERT_EQ(statistics.total.allocation_count, live_count);
}

TEST_P(EveryProfile, RandomUseKeepsEveryPromise) {
  const auto& [profile, preset] = GetParam();
  const auto owner = open_simulated_device(profile);
  const Device device = owner->device();
  {
    CoreStrategy strategy(device, core_options(preset.parameters));
    Oracle oracle(device, profile);
    std::mt19937_64 random(5);
    std::map<std::uint64_t, Placed> live;
    Bytes live_bytes = 0;
    for (int step = 0; step < 6000; ++step) {
      const auto use = static_cast<MemoryUse>(random() % kMemoryUseCount);
      if (random() % 100 < (step < 4000 ? 58u : 40u)) {
        Placed placed;
        VkMemoryRequirements asked{};
        Bytes alignment = 0;
        Expected<Allocation> made = VK_NOT_READY;
        if (random() % 3 != 0) {
          BufferRequest request;
          request.size = 1 + random() % (Bytes{1} << (4 + random() % 19));
          request.usage = VkBufferUsageFlags{VK_BUFFER_USAGE_STORAGE_BUFFER_BIT} << (random() % 3);
          request.memory = use;
          request.alignment = random() % 4 == 0 ? Bytes{1} << (random() % 17) : 0;
          alignment = request.alignment;
          made = strategy.create_buffer(request);
          if (made) device.fn.get_buffer_memory_requirements(device.handle, made->buffer(), &asked);
        } else {
          ImageRequest request;
          request.format = VK_FORMAT_R8G8B8A8_UNORM;
          request.extent = {1 + static_cast<std::uint32_t>(random() % 500),
                            1 + static_cast<std::uint32_t>(random() % 500), 1};
          request.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
          request.tiling = random() % 4 == 0 ? VK_IMAGE_TILING_LINEAR : VK_IMAGE_TILING_OPTIMAL;
          request.memory = use;
          placed.optimal = request.tiling == VK_IMAGE_TILING_OPTIMAL;
          made = strategy.create_image(request);
          if (made) device.fn.get_image_memory_requirements(device.handle, made->as_image(), &asked);
        }
        if (!made) {
          ASSERT_NE(made.result(), VK_NOT_READY);
          continue;
        }
        ASSERT_NE(asked.memoryTypeBits >> made->memory_type & 1u, 0u);
        placed.allocation = *made;
        placed.size = asked.size;
        ASSERT_NO_FATAL_FAILURE(oracle.add(placed, use, std::max(alignment, asked.alignment)));
        ASSERT_TRUE(live.emplace(made->resource, placed).second);
        live_bytes += asked.size;
        if (is_mappable(use) && !made->image) {
          std::byte* bytes = *strategy.map(*made);
          bytes[0] = bytes[asked.size - 1] = std::byte{0x5a};
          ASSERT_EQ(strategy.flush(*made, 0, asked.size), VK_SUCCESS);
          ASSERT_EQ(strategy.invalidate(*made, asked.size / 2, 1), VK_SUCCESS);
          strategy.unmap(*made);
        }
      } else if (!live.empty()) {
        auto chosen = live.lower_bound(random());
        if (chosen == live.end()) chosen = std::next(live.begin(), static_cast<std::ptrdiff_t>(random() % live.size()));
        strategy.destroy(chosen->second.allocation, 0);
        oracle.remove(chosen->second);
        live_bytes -= chosen->second.size;
        live.erase(chosen);
      }
      if (step % 500 == 0) {
        ASSERT_NO_FATAL_FAILURE(expect_counters_match_the_walk(strategy.allocator(), live_bytes, live.size()));
      }
    }
    EXPECT_EQ(strategy.allocator().live_allocations().size(), live.size());
    for (const auto& [resource, placed] : live) strategy.destroy(placed.allocation, 0);
    EXPECT_EQ(strategy.allocator().statistics().total.allocation_bytes, 0u);
    strategy.allocator().trim();
    EXPECT_EQ(strategy.allocator().statistics().total.block_bytes, 0u);
    EXPECT_EQ(strategy.allocator().budget().objects(), 0u);
  }
  EXPECT_EQ(simulated_leaks(*owner).total(), 0u);
}

}  // namespace
}  // namespace vkmembench
