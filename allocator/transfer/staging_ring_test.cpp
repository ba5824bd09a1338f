#include "allocator/transfer/staging_ring.h"

#include <deque>
#include <random>

#include "allocator/base/error.h"
#include "allocator/testing/transfer_fixture.h"

namespace vkmembench {
namespace {

TEST(StagingRing, HandsOutItsBytesInOrder) {
  const TransferFixture fixture;
  StagingRing ring(fixture.device, 1000);
  EXPECT_EQ(ring.held_bytes(), 1000u);
  EXPECT_EQ(ring.largest_slice(), 500u);
  EXPECT_EQ(ring.take(100, 1, 1)->offset, 0u);
  EXPECT_EQ(ring.take(100, 48, 1)->offset, 144u);
  EXPECT_EQ(ring.take(500, 1, 2)->offset, 244u);
  EXPECT_EQ(ring.take(300, 1, 3).result(), VK_NOT_READY);  // 256 are left at the end, none before the first slice
  EXPECT_EQ(ring.oldest(), Ticket{1});
  ring.retire(1);
  EXPECT_EQ(ring.take(200, 1, 3)->offset, 744u);
  EXPECT_EQ(ring.take(244, 1, 3)->offset, 0u);  // round again
  EXPECT_EQ(ring.take(1, 1, 3).result(), VK_NOT_READY);
  ring.retire(3);
  EXPECT_EQ(ring.oldest(), std::nullopt);
}

TEST(StagingRing, AnEmptyRingHasRoomForItsLargestSlice) {
  const TransferFixture fixture;
  StagingRing ring(fixture.device, 1001);
  for (Ticket ticket = 1; ticket < 50; ++ticket) {
    EXPECT_TRUE(ring.take(ring.largest_slice(), 97, ticket)) << ticket;
    ring.retire(ticket);
  }
}

TEST(StagingRing, WhatIsGivenBackIsTakenAgain) {
  const TransferFixture fixture;
  StagingRing ring(fixture.device, 1000);
  ring.give_back(*ring.take(10, 1, 1));
  EXPECT_EQ(ring.oldest(), std::nullopt);
  EXPECT_EQ(ring.take(400, 1, 1)->offset, 0u);
  ring.give_back(*ring.take(500, 1, 1));
  EXPECT_EQ(ring.take(500, 1, 2)->offset, 400u);
  ring.give_back(*ring.take(100, 1, 3));  // to the very end
  ring.retire(1);
  EXPECT_EQ(ring.oldest(), Ticket{2});
  ring.give_back(*ring.take(300, 1, 3));  // round again
  EXPECT_EQ(ring.take(100, 1, 3)->offset, 900u);
  ring.retire(2);
  EXPECT_EQ(ring.oldest(), Ticket{3});
}

// Against a list of what is in use: slices are aligned, within the ring and apart, and retiring makes room.
TEST(StagingRing, SlicesInUseNeverMeet) {
  const TransferFixture fixture;
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    const Bytes capacity = 1000 + random() % 5000;
    StagingRing ring(fixture.device, capacity);
    struct Slice {
      Ticket ticket;
      Offset begin;
      Offset end;
    };
    std::deque<Slice> live;
    Ticket ticket = 1;
    for (int step = 0; step < 3000; ++step) {
      if (random() % 4 == 0) ++ticket;
      const Bytes size = 1 + random() % ring.largest_slice();
      const Bytes alignment = 1 + random() % 50;
      Expected<StagingSlice> slice = ring.take(size, alignment, ticket);
      for (; !slice; slice = ring.take(size, alignment, ticket)) {
        ASSERT_EQ(slice.result(), VK_NOT_READY);
        ASSERT_FALSE(live.empty());
        ASSERT_EQ(ring.oldest(), live.front().ticket);
        const Ticket done = live.front().ticket;
        ring.retire(done);
        while (!live.empty() && live.front().ticket <= done) live.pop_front();
      }
      EXPECT_EQ(slice->offset % alignment, 0u);
      EXPECT_EQ(slice->bytes.size(), size);
      const Slice made{ticket, slice->offset, slice->offset + size};
      ASSERT_LE(made.end, capacity);
      for (const Slice& other : live) ASSERT_TRUE(made.end <= other.begin || other.end <= made.begin);
      live.push_back(made);
    }
  }
}

TEST(StagingRingFaults, AConstructorThatFailsLeavesNothing) {
  TransferFixture fixture;
  for (const EntryPoint entry : {EntryPoint::create_buffer, EntryPoint::bind_buffer_memory, EntryPoint::map_memory}) {
    fixture.faults.fail(entry, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
    EXPECT_THROW(StagingRing(fixture.device, kMiB), Error);
    EXPECT_EQ(fixture.alive().total(), 0u);
  }
  EXPECT_THROW(StagingRing(fixture.device, 33 * kMiB), Error);
  EXPECT_EQ(fixture.alive().total(), 0u);
}

TEST(StagingRingMisuse, Aborts) {
  const TransferFixture fixture;
  StagingRing ring(fixture.device, 1000);
  EXPECT_DEATH((void)ring.take(501, 1, 1), "cannot give");
  EXPECT_DEATH((void)ring.take(0, 1, 1), "cannot give");
  ASSERT_TRUE(ring.take(1, 1, 2));
  EXPECT_DEATH((void)ring.take(1, 1, 1), "below an earlier one");
  const StagingSlice first = *ring.take(10, 1, 2);
  ASSERT_TRUE(ring.take(10, 1, 2));
  EXPECT_DEATH(ring.give_back(first), "not the last");
}

}  // namespace
}  // namespace vkmembench
