#include "allocator/core/pools/named_pools.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "allocator/core/allocator.h"
#include "allocator/device/layers/fault_layer.h"
#include "allocator/testing/error_fixture.h"
#include "allocator/testing/test_device.h"

namespace vkmembench {
namespace {

constexpr NamedPool kPool{"mine", kMiB, 0, 3, PoolOrder::general};

class NamedPoolsTest : public testing::Test {
 protected:
  void open(const std::string& profile, AllocatorOptions options = {}) {
    owner_ = open_simulated_device(test_profile(profile));
    faults_ = std::make_unique<FaultLayer>(owner_->device());
    allocator_ = std::make_unique<Allocator>(faults_->device(), AllocatorSettings{"test", options, nullptr, {}});
  }
  Expected<Allocation> buffer(Bytes size, PoolId pool, MemoryUse use = MemoryUse::device) {
    VkBufferCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    info.size = size;
    info.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
    return allocator_->create_buffer(info, {.memory = use, .pool = pool});
  }
  [[nodiscard]] PoolSnapshot pool_named(const std::string& name) const {
    for (const PoolSnapshot& pool : allocator_->statistics().pools)
      if (pool.name == name) return pool;
    return {};
  }
  [[nodiscard]] std::string refusal(const NamedPool& row) const {
    return message_of([&] { allocator_->add_pool(row); });
  }

  std::unique_ptr<DeviceOwner> owner_;
  std::unique_ptr<FaultLayer> faults_;
  std::unique_ptr<Allocator> allocator_;
};

TEST_F(NamedPoolsTest, AreFoundByNameAndUnknownNamesAreRefused) {
  open("discrete");
  EXPECT_NE(message_of([&] { (void)allocator_->find_pool("mine"); }).find("no named pools"), std::string::npos);
  const PoolId mine = allocator_->add_pool(kPool);
  const PoolId other = allocator_->add_pool({"other", kMiB, 0, 1, PoolOrder::ring});
  EXPECT_NE(mine, other);
  EXPECT_EQ(allocator_->find_pool("mine"), mine);
  EXPECT_EQ(allocator_->find_pool("other"), other);
  const std::string text = message_of([&] { (void)allocator_->find_pool("othr"); });
  EXPECT_NE(text.find("did you mean 'other'"), std::string::npos) << text;
  EXPECT_NE(text.find("mine, other"), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST_F(NamedPoolsTest, BadRowsAreRefused) {
  open("discrete");
  EXPECT_NE(refusal({"", kMiB, 0, 1}).find("no name"), std::string::npos);
  EXPECT_NE(refusal({"zero", 0, 0, 1}).find("block_bytes"), std::string::npos);
  EXPECT_NE(refusal({"none", kMiB, 0, 0}).find("max_blocks"), std::string::npos);
  EXPECT_NE(refusal({"odd", kMiB, 3, 2}).find("min_blocks"), std::string::npos);
  EXPECT_NE(refusal({"huge", kGiB, 0, 1}).find("largest heap"), std::string::npos);
  EXPECT_EQ(refusal(kPool), "");
  EXPECT_NE(refusal(kPool).find("of that name already"), std::string::npos);
  for (std::size_t i = 1; i < NamedPools::kMost; ++i) {
    const std::string name = "pool " + std::to_string(i);  // the row keeps no view of it
    EXPECT_EQ(refusal({name, kMiB, 0, 1}), "");
  }
  EXPECT_NE(refusal({"last", kMiB, 0, 1}).find("64 named pools already"), std::string::npos);
  EXPECT_EQ(static_cast<std::size_t>(allocator_->find_pool("pool 63")), 63u);
}

TEST_F(NamedPoolsTest, BlocksAboveTheDevicesLimitAreRefused) {
  DeviceInfo device = *open_simulated_device(test_profile("discrete"))->device().info;
  device.max_memory_allocation_size = 512 * kKiB;
  NamedPools pools(*std::pmr::new_delete_resource());
  EXPECT_NE(message_of([&] { pools.add(kPool, device); }).find("maxMemoryAllocationSize"), std::string::npos);
}

TEST(NamedPools, TheTableFitsEveryTestDevice) {
  for (const DeviceProfile& profile : test_profiles()) {
    const auto owner = open_simulated_device(profile);
    const DeviceInfo& device = *owner->device().info;
    for (const double scale : {1.0 / 1024, 0.125, 1.0, 16.0}) {
      NamedPools pools(*std::pmr::new_delete_resource());
      for (const NamedPool& row : kNamedPools) {
        const NamedPool made = fitted(row, scale, device);
        EXPECT_NO_THROW(pools.add(made, device)) << row.name << " of " << profile.name;
        EXPECT_TRUE(is_aligned(made.block_bytes, 64 * kKiB));
        EXPECT_LE(made.block_bytes,
                  std::max<Bytes>(static_cast<Bytes>(static_cast<double>(row.block_bytes) * scale), 64 * kKiB));
      }
    }
  }
}

TEST_F(NamedPoolsTest, HaveBlocksOfOneSizeAndKeepTheFirst) {
  open("discrete");
  const PoolId id = allocator_->add_pool({"mine", kMiB, 2, 4, PoolOrder::general});
  EXPECT_EQ(faults_->calls(EntryPoint::allocate_memory), 0u);
  std::vector<Allocation> all = {*buffer(100, id)};
  EXPECT_EQ(pool_named("mine/type0").now.block_count, 2u);
  for (int i = 0; i < 3; ++i) all.push_back(*buffer(kMiB, id));
  const PoolSnapshot full = pool_named("mine/type0");
  EXPECT_EQ(full.now.block_count, 4u);
  EXPECT_EQ(full.now.block_bytes, 4 * kMiB);
  EXPECT_EQ(full.now.allocation_count, 4u);
  allocator_->destroy(all);
  allocator_->trim();
  EXPECT_EQ(pool_named("mine/type0").now.block_count, 2u);
  EXPECT_EQ(pool_named("mine/type0").now.empty_bytes, 2 * kMiB);
  EXPECT_EQ(allocator_->budget().total_reserved(), 2 * kMiB);
}

TEST_F(NamedPoolsTest, EveryMemoryTypeHasItsOwn) {
  open("discrete");
  const PoolId id = allocator_->add_pool(kPool);
  const Allocation device = *buffer(100, id);
  const Allocation upload = *buffer(100, id, MemoryUse::upload);
  EXPECT_EQ(pool_named("mine/type0").now.allocation_count, 1u);
  EXPECT_EQ(pool_named("mine/type1").now.allocation_count, 1u);
  EXPECT_NE(device.pool, upload.pool);
  EXPECT_EQ(allocator_->statistics().pools[device.pool].name, "mine/type0");
  allocator_->destroy(device);
  allocator_->destroy(upload);
}

TEST_F(NamedPoolsTest, AnExhaustedPoolFallsBackToTheOthers) {
  open("discrete");
  const PoolId id = allocator_->add_pool(kPool);
  std::vector<Allocation> all;
  for (int i = 0; i < 5; ++i) all.push_back(*buffer(kMiB, id));
  EXPECT_EQ(pool_named("mine/type0").now.allocation_count, 3u);
  EXPECT_EQ(pool_named("mine/type0").overflows, 2u);
  all.push_back(*buffer(2 * kMiB, id));  // larger than its blocks
  EXPECT_EQ(pool_named("mine/type0").overflows, 3u);
  for (const Allocation& allocation : all) EXPECT_FALSE(allocation.fallback);  // no other memory type
  EXPECT_EQ(allocator_->monitor().totals.fallbacks, 0u);
  allocator_->destroy(all);
}

TEST_F(NamedPoolsTest, WithoutFallbackAnExhaustedPoolRefuses) {
  AllocatorOptions options;
  options.pool_fallback = false;
  open("discrete", options);
  const PoolId id = allocator_->add_pool(kPool);
  std::vector<Allocation> all;
  for (int i = 0; i < 3; ++i) all.push_back(*buffer(kMiB, id));
  EXPECT_EQ(buffer(kMiB, id).result(), VK_ERROR_OUT_OF_POOL_MEMORY);
  EXPECT_EQ(buffer(2 * kMiB, id).result(), VK_ERROR_OUT_OF_POOL_MEMORY);
  EXPECT_EQ(allocator_->monitor().totals.refused, 2u);
  EXPECT_EQ(pool_named("mine/type1").name, "");  // no other memory type was tried
  EXPECT_TRUE(buffer(kMiB, PoolId::none));
  allocator_->destroy(all.back());
  all.back() = *buffer(kMiB, id);
  allocator_->destroy(all);
  for (const LiveAllocation& left : allocator_->live_allocations()) EXPECT_EQ(left.size, kMiB);
  EXPECT_EQ(allocator_->live_allocations().size(), 1u);
}

TEST_F(NamedPoolsTest, BatchesMayNameThem) {
  open("discrete");
  const PoolId id = allocator_->add_pool(kPool);
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
  const std::vector<Bytes> sizes = {100, 600 * kKiB, 500 * kKiB, 4 * kMiB};
  std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
  allocator_->create_buffers(info, sizes, {.pool = id}, results);
  EXPECT_EQ(pool_named("mine/type0").now.allocation_count, 3u);
  for (const auto& result : results) allocator_->destroy(*result);
}

TEST_F(NamedPoolsTest, OptimalImagesNeverGoThere) {
  open("pages");
  const PoolId id = allocator_->add_pool(kPool);
  VkImageCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
  info.imageType = VK_IMAGE_TYPE_2D;
  info.format = VK_FORMAT_R8G8B8A8_UNORM;
  info.extent = {16, 16, 1};
  info.mipLevels = info.arrayLayers = 1;
  info.samples = VK_SAMPLE_COUNT_1_BIT;
  info.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  const Allocation optimal = *allocator_->create_image(info, {.pool = id});
  EXPECT_EQ(pool_named("mine/type0").name, "");
  info.tiling = VK_IMAGE_TILING_LINEAR;
  const Allocation linear = *allocator_->create_image(info, {.pool = id});
  EXPECT_EQ(pool_named("mine/type0").now.allocation_count, 1u);
  allocator_->destroy(optimal);
  allocator_->destroy(linear);
}

TEST_F(NamedPoolsTest, ThePresetAddsTheTable) {
  AllocatorOptions options;
  options.named_pools = true;
  options.named_pool_scale = 0.125;
  open("discrete", options);
  for (const NamedPool& row : kNamedPools) EXPECT_NO_THROW((void)allocator_->find_pool(row.name));
  const Allocation vertex = *buffer(100, allocator_->find_pool("vertex"));
  EXPECT_EQ(pool_named("vertex/type0").now.block_bytes, 2 * 8 * kMiB);
  allocator_->destroy(vertex);
}

// Ring and stack pools under a load that frees in order: they never need more than their blocks.
TEST_F(NamedPoolsTest, RingsAndStacksServeOrderedUseFromOneBlock) {
  AllocatorOptions options;
  options.pool_fallback = false;
  open("mobile", options);
  const PoolId ring = allocator_->add_pool({"ring", kMiB, 1, 1, PoolOrder::ring});
  const PoolId stack = allocator_->add_pool({"stack", kMiB, 1, 1, PoolOrder::stack});
  std::mt19937_64 random(23);
  std::vector<Allocation> in_flight;
  std::vector<Allocation> pile;
  for (int step = 0; step < 3000; ++step) {
    const Expected<Allocation> made = buffer(1 + random() % (100 * kKiB), ring, MemoryUse::upload);
    ASSERT_TRUE(made) << "step " << step;
    in_flight.push_back(*made);
    if (in_flight.size() == 6) {
      allocator_->destroy(in_flight.front());
      in_flight.erase(in_flight.begin());
    }
    if (random() % 2 == 0) {
      if (pile.size() < 9) {
        const Expected<Allocation> top = buffer(1 + random() % (100 * kKiB), stack, MemoryUse::upload);
        ASSERT_TRUE(top) << "step " << step;
        pile.push_back(*top);
      }
    } else if (!pile.empty()) {
      allocator_->destroy(pile.back());
      pile.pop_back();
    }
  }
  EXPECT_EQ(allocator_->statistics().total.block_count, 2u);
  const DetailedStatistics detail = allocator_->detail();
  for (std::size_t i = 0; i < detail.pools.size(); ++i)
    EXPECT_EQ(allocator_->statistics().pools[i].now, detail.pools[i]);
  allocator_->destroy(in_flight);
  allocator_->destroy(pile);
  EXPECT_EQ(allocator_->statistics().total.allocation_bytes, 0u);
}

TEST_F(NamedPoolsTest, ThreadsShareThem) {
  open("discrete");
  const PoolId ring = allocator_->add_pool({"ring", kMiB, 1, 4, PoolOrder::ring});
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&] {
      std::vector<Allocation> mine;
      for (Bytes i = 0; i < 200; ++i) {
        const Expected<Allocation> made = buffer(1000 + i * 97 % 20000, ring);
        ASSERT_TRUE(made);
        mine.push_back(*made);
        if (mine.size() > 5) {
          allocator_->destroy(mine.front());
          mine.erase(mine.begin());
        }
      }
      allocator_->destroy(mine);
    });
  threads.clear();
  EXPECT_EQ(allocator_->statistics().total.allocation_count, 0u);
  EXPECT_LE(pool_named("ring/type0").now.block_count, 4u);
}

TEST_F(NamedPoolsTest, WhateverFailsNothingIsLeftBehind) {
  for (const bool fallback : {true, false}) {
    AllocatorOptions options;
    options.pool_fallback = fallback;
    std::size_t failures = 0;
    for (std::uint64_t n = 1;; ++n) {
      open("discrete", options);
      faults_->fail_any(n, VK_ERROR_OUT_OF_DEVICE_MEMORY);
      const PoolId id = allocator_->add_pool({"mine", kMiB, 2, 3, PoolOrder::general});
      std::vector<Allocation> all;
      for (const Bytes size : {Bytes{100}, kMiB, kMiB, Bytes{500}}) {
        const Expected<Allocation> made = buffer(size, id);
        failures += !made;
        if (made) all.push_back(*made);
      }
      EXPECT_EQ(allocator_->statistics().total.allocation_count, all.size());
      allocator_->destroy(all);
      EXPECT_EQ(allocator_->budget().total_reserved(), allocator_->statistics().total.block_bytes);
      const bool over = !faults_->fired_any();
      allocator_.reset();
      ASSERT_EQ(simulated_leaks(*owner_).total(), 0u) << "after failing call " << n;
      if (over) break;
      ASSERT_LT(n, 100u);
    }
    EXPECT_GE(failures, 8u);  // creations and binds
  }
}

}  // namespace
}  // namespace vkmembench
