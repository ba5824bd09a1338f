#include "allocator/transfer/host_buffer.h"

#include "allocator/testing/spy_layer.h"
#include "allocator/testing/transfer_fixture.h"

namespace vkmembench {
namespace {

TEST(HostBuffer, IsMappedAndGoesWithItsOwner) {
  TransferFixture fixture;
  {
    Expected<HostBuffer> made = HostBuffer::make(fixture.device, 1000, MemoryUse::upload);
    ASSERT_TRUE(made);
    HostBuffer first = std::move(*made);
    std::memset(first.address(), 7, 1000);
    EXPECT_EQ(first.size(), 1000u);
    HostBuffer second;
    EXPECT_EQ(second.handle(), VkBuffer{VK_NULL_HANDLE});
    second = std::move(first);
    EXPECT_EQ(second.address()[999], std::byte{7});
    EXPECT_EQ(fixture.alive().total(), 2u);
  }
  EXPECT_EQ(fixture.alive().total(), 0u);
}

TEST(HostBuffer, EachFaultIsAResultAndLeavesNothing) {
  TransferFixture fixture;
  for (const EntryPoint entry : {EntryPoint::create_buffer, EntryPoint::bind_buffer_memory, EntryPoint::map_memory}) {
    fixture.faults.fail(entry, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
    EXPECT_EQ(HostBuffer::make(fixture.device, 100, MemoryUse::readback).result(), VK_ERROR_OUT_OF_HOST_MEMORY);
    EXPECT_TRUE(fixture.faults.fired(entry));
    EXPECT_EQ(fixture.alive().total(), 0u);
  }
}

TEST(HostBuffer, TakesTheNextTypeBeforeItGivesUp) {
  TransferFixture fixture;
  fixture.faults.fail(EntryPoint::allocate_memory, 1, VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_TRUE(HostBuffer::make(fixture.device, 100, MemoryUse::upload));
  EXPECT_EQ(HostBuffer::make(fixture.device, 33 * kMiB, MemoryUse::upload).result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(fixture.alive().total(), 0u);
}

TEST(HostBuffer, WithoutAHostVisibleTypeThereIsNone) {
  DeviceProfile profile = transfer_profile();
  profile.memory.memoryTypes[1].propertyFlags = profile.memory.memoryTypes[2].propertyFlags = 0;
  const TransferFixture fixture(profile);
  EXPECT_EQ(HostBuffer::make(fixture.device, 100, MemoryUse::upload).result(), VK_ERROR_FEATURE_NOT_PRESENT);
}

TEST(HostBuffer, RangesGrowToWholeAtoms) {
  const TransferFixture fixture(noncoherent_profile());  // atoms of 64 bytes
  SpyLayer spy(fixture.device);
  const Expected<HostBuffer> buffer = HostBuffer::make(spy.device(), 1000, MemoryUse::upload);
  ASSERT_TRUE(buffer);
  struct Row {
    Offset offset;
    Bytes size;
    Offset begin;
    Bytes bytes;
  };
  for (const Row& row : {Row{0, 64, 0, 64}, Row{0, 1, 0, 64}, Row{63, 2, 0, 128}, Row{130, 62, 128, 64},
                         Row{900, 100, 896, ~Bytes{0}}}) {
    EXPECT_EQ(buffer->flush(row.offset, row.size), VK_SUCCESS);
    EXPECT_EQ(spy.flushed.back().offset, row.begin) << row.offset;
    EXPECT_EQ(spy.flushed.back().size, row.bytes) << row.offset;
    EXPECT_EQ(buffer->invalidate(row.offset, row.size), VK_SUCCESS);
  }
}

TEST(HostBuffer, CoherentMemoryIsNotFlushed) {
  const TransferFixture fixture;
  SpyLayer spy(fixture.device);
  const Expected<HostBuffer> buffer = HostBuffer::make(spy.device(), 1000, MemoryUse::upload);
  ASSERT_TRUE(buffer);
  EXPECT_EQ(buffer->flush(0, 1000), VK_SUCCESS);
  EXPECT_TRUE(spy.flushed.empty());
}

TEST(HostBufferMisuse, Aborts) {
  const TransferFixture fixture;
  EXPECT_DEATH((void)HostBuffer::make(fixture.device, 0, MemoryUse::upload), "needs bytes");
  EXPECT_DEATH((void)HostBuffer::make(fixture.device, 1, MemoryUse::device), "needs bytes");
}

}  // namespace
}  // namespace vkmembench
