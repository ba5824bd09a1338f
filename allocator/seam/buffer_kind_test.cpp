#include "allocator/seam/buffer_kind.h"

#include <gtest/gtest.h>

#include "allocator/core/allocator.h"
#include "allocator/testing/test_device.h"

namespace vkmembench {
namespace {

DeviceInfo device_with_limits() {
  DeviceInfo device;
  device.limits.minUniformBufferOffsetAlignment = 256;
  device.limits.minStorageBufferOffsetAlignment = 64;
  device.limits.minTexelBufferOffsetAlignment = 16;
  return device;
}

struct Plan {
  BufferKind kind;
  HostAccess host;
  VkBufferUsageFlags usage;  // that it must hold
  MemoryUse memory;
  Bytes alignment;
};
class EveryKind : public testing::TestWithParam<Plan> {};
INSTANTIATE_TEST_SUITE_P(
    Table, EveryKind,
    testing::Values(
        Plan{BufferKind::none, HostAccess::as_usual, 0, MemoryUse::device, 4},
        Plan{BufferKind::vertex, HostAccess::as_usual, VK_BUFFER_USAGE_VERTEX_BUFFER_BIT, MemoryUse::device, 4},
        Plan{BufferKind::vertex, HostAccess::yes, VK_BUFFER_USAGE_VERTEX_BUFFER_BIT, MemoryUse::dynamic, 4},
        Plan{BufferKind::index, HostAccess::as_usual, VK_BUFFER_USAGE_INDEX_BUFFER_BIT, MemoryUse::device, 4},
        Plan{BufferKind::uniform, HostAccess::as_usual, VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT, MemoryUse::dynamic, 256},
        Plan{BufferKind::storage, HostAccess::as_usual, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, MemoryUse::device, 64},
        Plan{BufferKind::storage, HostAccess::yes, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, MemoryUse::dynamic, 64},
        Plan{BufferKind::indirect, HostAccess::as_usual, VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT, MemoryUse::device, 64},
        Plan{BufferKind::staging, HostAccess::as_usual, VK_BUFFER_USAGE_TRANSFER_SRC_BIT, MemoryUse::upload, 4},
        Plan{BufferKind::staging, HostAccess::yes, VK_BUFFER_USAGE_TRANSFER_SRC_BIT, MemoryUse::upload, 4},
        Plan{BufferKind::ray_tracing, HostAccess::as_usual, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, MemoryUse::device,
             256}));
TEST_P(EveryKind, IsPlannedRight) {
  const DeviceInfo device = device_with_limits();
  const BufferPlan plan = plan_buffer(GetParam().kind, 1001, device, GetParam().host);
  constexpr VkBufferUsageFlags kTransfers = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  EXPECT_EQ(plan.info.usage & GetParam().usage, GetParam().usage);
  EXPECT_EQ(plan.info.usage & kTransfers, kTransfers);
  EXPECT_EQ(plan.memory, GetParam().memory);
  EXPECT_EQ(plan.alignment, GetParam().alignment);
  EXPECT_EQ(plan.info.size, align_up(1001, GetParam().alignment));
}

TEST(BufferKind, PlansAreServedOnEveryTestDevice) {
  for (const DeviceProfile& profile : test_profiles()) {
    const auto owner = open_simulated_device(profile);
    Allocator allocator(owner->device());
    for (std::size_t kind = 0; kind < kBufferKindCount; ++kind)
      for (const HostAccess host : {HostAccess::as_usual, HostAccess::yes}) {
        const BufferPlan plan = plan_buffer(static_cast<BufferKind>(kind), 5000, *owner->device().info, host);
        const Expected<Allocation> made = allocator.create_buffer(
            plan.info, {.memory = plan.memory, .alignment = plan.alignment, .kind = static_cast<BufferKind>(kind)});
        ASSERT_TRUE(made) << profile.name << " " << kBufferKinds[kind].name;
        EXPECT_TRUE(is_aligned(made->offset, plan.alignment));
        if (is_mappable(plan.memory)) {
          EXPECT_TRUE(allocator.map(*made));
          allocator.unmap(*made);
        }
        allocator.destroy(*made);
      }
  }
}

TEST(BufferKind, TexelBuffersAndAddedUsageRaiseTheAlignment) {
  const DeviceInfo device = device_with_limits();
  EXPECT_EQ(offset_alignment(VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT, device), 16u);
  EXPECT_EQ(offset_alignment(VK_BUFFER_USAGE_STORAGE_TEXEL_BUFFER_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, device),
            64u);
  EXPECT_EQ(
      plan_buffer(BufferKind::vertex, 1, device, HostAccess::as_usual, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT).alignment,
      64u);
  EXPECT_EQ(dynamic_stride(100, VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT, device), 256u);
  EXPECT_EQ(dynamic_stride(257, VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT, device), 512u);
}

TEST(BufferKind, IndirectBuffersHoldTheirCommands) {
  EXPECT_EQ(indirect_bytes(IndirectCommand::draw, 10), 160u);
  EXPECT_EQ(indirect_bytes(IndirectCommand::draw_indexed, 10), 200u);
  EXPECT_EQ(indirect_bytes(IndirectCommand::dispatch, 3), 36u);
}

TEST(BufferKindDeathTest, NothingIsNoBuffer) {
  EXPECT_DEATH((void)plan_buffer(BufferKind::vertex, 0, device_with_limits()), "has a size");
}

TEST(KindCounters, AllocatorsCountByKind) {
  const auto owner = open_simulated_device(test_profile("discrete"));
  Allocator allocator(owner->device());
  const auto buffer = [&](BufferKind kind, Bytes size) {
    return *allocator.create_buffer(plan_buffer(kind, size, *owner->device().info).info, {.kind = kind});
  };
  const auto counts = [&](BufferKind kind) { return allocator.monitor().kinds[static_cast<std::size_t>(kind)]; };
  const Allocation a = buffer(BufferKind::vertex, 1600);
  const Allocation b = buffer(BufferKind::vertex, 3200);
  const Allocation c = buffer(BufferKind::index, 160);
  const Allocation nameless = buffer(BufferKind::none, 160);
  EXPECT_EQ(counts(BufferKind::vertex).live_bytes, 4800u);
  allocator.destroy(b);
  EXPECT_EQ(counts(BufferKind::vertex).created, 2u);
  EXPECT_EQ(counts(BufferKind::vertex).live, 1u);
  EXPECT_EQ(counts(BufferKind::vertex).live_bytes, 1600u);
  EXPECT_EQ(counts(BufferKind::vertex).peak_bytes, 4800u);
  EXPECT_EQ(counts(BufferKind::index).peak_bytes, 160u);
  EXPECT_EQ(counts(BufferKind::none).created, 0u);
  EXPECT_EQ(counts(BufferKind::uniform).created, 0u);
  for (const Allocation& left : {a, c, nameless}) allocator.destroy(left);
  EXPECT_EQ(counts(BufferKind::vertex).live, 0u);
}

}  // namespace
}  // namespace vkmembench
