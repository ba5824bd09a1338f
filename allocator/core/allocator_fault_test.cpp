// Fails each call of a fixed course in turn: whatever fails, nothing is left behind and all statistics stay right.
#include <gtest/gtest.h>

#include <array>

#include "allocator/core/allocator.h"
#include "allocator/device/layers/fault_layer.h"
#include "allocator/testing/test_device.h"

namespace vkmembench {
namespace {

struct Fault {
  std::string profile;
  VkResult failure;
};
class EveryFault : public testing::TestWithParam<Fault> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryFault,
                         testing::Values(Fault{"discrete", VK_ERROR_OUT_OF_DEVICE_MEMORY},
                                         Fault{"discrete", VK_ERROR_TOO_MANY_OBJECTS},
                                         Fault{"pages", VK_ERROR_OUT_OF_HOST_MEMORY},
                                         Fault{"mobile", VK_ERROR_OUT_OF_DEVICE_MEMORY},
                                         Fault{"dedicated", VK_ERROR_OUT_OF_DEVICE_MEMORY}));

// Returns how many of its requests were refused.
std::size_t course(Allocator& allocator, BatchMode mode) {
  std::vector<Allocation> live;
  std::size_t refused = 0;
  const auto keep = [&](const Expected<Allocation>& made) {
    if (made)
      live.push_back(*made);
    else
      ++refused;
  };
  VkBufferCreateInfo buffer{};
  buffer.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  buffer.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
  for (const Bytes size : {Bytes{500}, 2 * kMiB, 700 * kKiB, Bytes{1}}) {
    buffer.size = size;
    keep(allocator.create_buffer(buffer, {size < kMiB ? MemoryUse::upload : MemoryUse::device, 0, 0, false}));
  }
  VkImageCreateInfo image{};
  image.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
  image.imageType = VK_IMAGE_TYPE_2D;
  image.format = VK_FORMAT_R8G8B8A8_UNORM;
  image.extent = {200, 100, 1};
  image.mipLevels = image.arrayLayers = 1;
  image.samples = VK_SAMPLE_COUNT_1_BIT;
  image.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  keep(allocator.create_image(image, {}));

  const std::array<Bytes, 4> sizes = {64, 3 * kMiB, 20 * kMiB, 4096};
  std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
  allocator.create_buffers(buffer, sizes, {}, results, mode);
  for (const auto& result : results) keep(result);
  if (mode == BatchMode::all_or_nothing) {
    for (const auto& result : results) EXPECT_EQ(bool(result), bool(results.front()));
  }

  for (const Allocation& allocation : live) {
    if (allocation.image || (allocation.memory_type == 0)) continue;
    if (!allocator.map(allocation))
      ++refused;
    else
      allocator.unmap(allocation);
  }
  const Statistics statistics = allocator.statistics();
  EXPECT_EQ(statistics.total.allocation_count, live.size());
  const DetailedStatistics detail = allocator.detail();
  for (std::size_t i = 0; i < detail.pools.size(); ++i) EXPECT_EQ(statistics.pools[i].now, detail.pools[i]);
  allocator.destroy(live);
  return refused;
}

TEST_P(EveryFault, LeavesTheAllocatorConsistent) {
  for (const BatchMode mode : {BatchMode::partial, BatchMode::all_or_nothing}) {
    const auto owner = open_simulated_device(test_profile(GetParam().profile));
    std::size_t failures = 0;
    for (std::uint64_t n = 1;; ++n) {
      FaultLayer faults(owner->device());
      faults.fail_any(n, GetParam().failure);
      std::size_t refused = 0;
      {
        Allocator allocator(faults.device());
        refused = course(allocator, mode);
        EXPECT_EQ(allocator.statistics().total.allocation_count, 0u);
        EXPECT_EQ(allocator.budget().total_reserved(), allocator.statistics().total.block_bytes);
      }
      ASSERT_EQ(simulated_leaks(*owner).total(), 0u) << "after failing call " << n;
      if (!faults.fired_any()) {
        EXPECT_EQ(refused, 0u);
        break;
      }
      failures += refused;
      ASSERT_LT(n, 200u);
    }
    EXPECT_GT(failures, 10u);  // creations and binds cannot be served another way
  }
}

}  // namespace
}  // namespace vkmembench
