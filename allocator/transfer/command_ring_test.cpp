#include "allocator/transfer/command_ring.h"

#include <algorithm>

#include "allocator/testing/transfer_fixture.h"
#include "allocator/transfer/copies.h"

namespace vkmembench {
namespace {

// Slots of the ring.
class CommandRings : public testing::TestWithParam<std::uint32_t> {
 protected:
  CommandRings() : from_(fixture_.buffer(64)), to_(fixture_.buffer(64)), ring_(fixture_.device, GetParam()) {}

  VkResult record(Offset offset, Bytes size) {
    const Expected<VkCommandBuffer> commands = ring_.commands();
    if (!commands) return commands.result();
    record_buffer_copy(fixture_.device, *commands, from_, to_, {offset, offset, size});
    return VK_SUCCESS;
  }
  [[nodiscard]] bool arrived(Offset offset, Bytes size) const {
    return std::memcmp(fixture_.bytes(from_) + offset, fixture_.bytes(to_) + offset, size) == 0;
  }

  TransferFixture fixture_;
  VkBuffer from_;
  VkBuffer to_;
  CommandRing ring_;
};
INSTANTIATE_TEST_SUITE_P(Slots, CommandRings, testing::Values(1, 2, 3, 7));

TEST_P(CommandRings, ATicketIsDoneOnceItsCopiesAre) {
  fixture_.write(from_, pattern(64, 1));
  for (Offset offset = 0; offset < 64; offset += 4) {
    const Ticket ticket = ring_.next_ticket();
    ASSERT_EQ(record(offset, 4), VK_SUCCESS);
    EXPECT_FALSE(ring_.done(ticket));
    EXPECT_FALSE(arrived(offset, 4));
    ASSERT_EQ(ring_.submit(), VK_SUCCESS);
    EXPECT_EQ(ring_.last_ticket(), ticket);
    EXPECT_EQ(ticket, offset / 4 + 1);
    EXPECT_EQ(ring_.wait_for(ticket), VK_SUCCESS);
    EXPECT_TRUE(ring_.done(ticket));
    EXPECT_TRUE(arrived(offset, 4));
  }
}

TEST_P(CommandRings, WithoutCommandsASubmitIsNothing) {
  EXPECT_EQ(ring_.submit(), VK_SUCCESS);
  EXPECT_EQ(ring_.last_ticket(), 0u);
  EXPECT_TRUE(ring_.done(0));
  EXPECT_EQ(ring_.wait_all(), VK_SUCCESS);
  EXPECT_EQ(fixture_.fences.waits, 0u);
}

TEST_P(CommandRings, CommandsStayTheSameUntilSubmitted) {
  const VkCommandBuffer first = *ring_.commands();
  EXPECT_EQ(*ring_.commands(), first);
  ASSERT_EQ(ring_.submit(), VK_SUCCESS);
  EXPECT_EQ(*ring_.commands() == first, GetParam() == 1);  // dropped by the destructor
}

TEST_P(CommandRings, AFenceThatDoesNotSignalHoldsItsSlotOnly) {
  fixture_.fences.stuck = true;
  for (std::uint32_t i = 0; i < GetParam(); ++i) {
    ASSERT_EQ(record(i, 1), VK_SUCCESS);
    ASSERT_EQ(ring_.submit(), VK_SUCCESS);
  }
  EXPECT_EQ(ring_.commands(1000).result(), VK_TIMEOUT);
  EXPECT_EQ(ring_.wait_for(1, 1000), VK_TIMEOUT);
  EXPECT_EQ(ring_.wait_all(1000), VK_TIMEOUT);
  EXPECT_FALSE(ring_.done(1));
  EXPECT_EQ(fixture_.alive().command_buffers, GetParam());
  fixture_.fences.stuck = false;
  EXPECT_TRUE(ring_.done(1));
  EXPECT_EQ(ring_.done(GetParam()), true);
  ASSERT_EQ(record(0, 8), VK_SUCCESS);
  ASSERT_EQ(ring_.submit(), VK_SUCCESS);
  EXPECT_EQ(ring_.wait_all(1000), VK_SUCCESS);
}

TEST_P(CommandRings, OneWaitCoversAllEarlierTickets) {
  for (std::uint32_t i = 0; i < GetParam(); ++i) {
    ASSERT_EQ(record(i, 1), VK_SUCCESS);
    ASSERT_EQ(ring_.submit(), VK_SUCCESS);
  }
  EXPECT_EQ(ring_.wait_all(), VK_SUCCESS);
  for (Ticket ticket = 1; ticket <= GetParam(); ++ticket) EXPECT_TRUE(ring_.done(ticket));
  EXPECT_EQ(fixture_.fences.waits, 1u);
}

TEST_P(CommandRings, AFailedSubmissionIsDroppedAndTheRingGoesOn) {
  fixture_.write(from_, pattern(64, 1));
  for (const EntryPoint entry : {EntryPoint::queue_submit, EntryPoint::reset_fences}) {
    for (std::uint32_t nth = 0; nth < 2 * GetParam(); ++nth) {
      fixture_.write(to_, std::vector<std::byte>(64));
      ASSERT_EQ(record(0, 8), VK_SUCCESS);
      fixture_.faults.fail(entry, 1, VK_ERROR_OUT_OF_DEVICE_MEMORY);
      EXPECT_EQ(ring_.submit(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
      const Ticket failed = ring_.last_ticket();
      ASSERT_EQ(record(8, 8), VK_SUCCESS);
      ASSERT_EQ(ring_.submit(), VK_SUCCESS);
      fixture_.fences.stuck = true;
      EXPECT_TRUE(ring_.done(failed));
      EXPECT_FALSE(ring_.done(failed + 1));
      fixture_.fences.stuck = false;
      EXPECT_EQ(ring_.wait_all(), VK_SUCCESS);
      EXPECT_FALSE(arrived(0, 8));
      EXPECT_TRUE(arrived(8, 8));
    }
  }
}

// The waits of a slot that failed must not take the one that used the slot next for its own.
TEST_P(CommandRings, TicketsStayApartWhenASlotIsUsedAgain) {
  ASSERT_EQ(record(0, 1), VK_SUCCESS);
  fixture_.faults.fail(EntryPoint::queue_submit, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
  ASSERT_NE(ring_.submit(), VK_SUCCESS);
  for (std::uint32_t i = 0; i < GetParam(); ++i) {
    ASSERT_EQ(record(i, 1), VK_SUCCESS);
    ASSERT_EQ(ring_.submit(), VK_SUCCESS);
  }
  fixture_.fences.stuck = true;
  EXPECT_TRUE(ring_.done(1));
  EXPECT_FALSE(ring_.done(1 + GetParam()));
  fixture_.fences.stuck = false;
}

TEST_P(CommandRings, ALostDeviceIsAResult) {
  ASSERT_EQ(record(0, 1), VK_SUCCESS);
  ASSERT_EQ(ring_.submit(), VK_SUCCESS);
  fixture_.faults.fail(EntryPoint::wait_for_fences, 1, VK_ERROR_DEVICE_LOST);
  EXPECT_EQ(ring_.wait_all(), VK_ERROR_DEVICE_LOST);
}

TEST(CommandRingWithoutSlots, Aborts) {
  const TransferFixture fixture;
  EXPECT_DEATH(CommandRing(fixture.device, 0), "without slots");
}

TEST(CommandRingMisuse, AWaitForAnUnknownTicketAborts) {
  const TransferFixture fixture;
  CommandRing ring(fixture.device, 2);
  EXPECT_FALSE(ring.done(1));
  EXPECT_DEATH((void)ring.wait_for(1), "not submitted");
}

TEST_P(CommandRings, SettlesHoweverOftenAWaitFails) {
  fixture_.write(from_, pattern(64, 1));
  ASSERT_EQ(record(0, 8), VK_SUCCESS);
  ASSERT_EQ(ring_.submit(), VK_SUCCESS);
  fixture_.faults.fail(EntryPoint::wait_for_fences, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_EQ(ring_.wait_all(), VK_ERROR_OUT_OF_HOST_MEMORY);
  fixture_.faults.fail(EntryPoint::wait_for_fences, 1, VK_ERROR_OUT_OF_DEVICE_MEMORY);
  ring_.settle();
  EXPECT_TRUE(arrived(0, 8));
  EXPECT_TRUE(ring_.done(1));
  ASSERT_EQ(record(8, 8), VK_SUCCESS);
  ASSERT_EQ(ring_.submit(), VK_SUCCESS);
  fixture_.faults.fail(EntryPoint::wait_for_fences, 1, VK_TIMEOUT);
  EXPECT_EQ(ring_.wait_all(), VK_SUCCESS);  // a wait without an end
}

TEST_P(CommandRings, WhatDoesNotBeginOrEndIsRefusedAndTheRingGoesOn) {
  fixture_.write(from_, pattern(64, 1));
  for (std::uint32_t nth = 0; nth < 2 * GetParam(); ++nth) {
    fixture_.write(to_, std::vector<std::byte>(64));
    fixture_.faults.fail(EntryPoint::begin_command_buffer, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
    EXPECT_EQ(record(0, 8), VK_ERROR_OUT_OF_HOST_MEMORY);
    ASSERT_EQ(record(8, 8), VK_SUCCESS);
    fixture_.faults.fail(EntryPoint::end_command_buffer, 1, VK_ERROR_OUT_OF_DEVICE_MEMORY);
    EXPECT_EQ(ring_.submit(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
    ASSERT_EQ(record(16, 8), VK_SUCCESS);
    ASSERT_EQ(ring_.submit(), VK_SUCCESS);
    EXPECT_EQ(ring_.wait_all(), VK_SUCCESS);
    EXPECT_FALSE(arrived(0, 8));
    EXPECT_FALSE(arrived(8, 8));
    EXPECT_TRUE(arrived(16, 8));
  }
}

TEST(CommandRingFaults, WhatIsNotGivenIsAskedForAgain) {
  for (const EntryPoint entry :
       {EntryPoint::create_command_pool, EntryPoint::allocate_command_buffers, EntryPoint::create_fence}) {
    TransferFixture fixture;
    CommandRing ring(fixture.device, 3);
    for (const VkResult refusal : {VK_ERROR_OUT_OF_HOST_MEMORY, VK_ERROR_OUT_OF_DEVICE_MEMORY}) {
      fixture.faults.fail(entry, 1, refusal);
      EXPECT_EQ(ring.commands().result(), refusal);
      EXPECT_EQ(ring.submit(), VK_SUCCESS);
      EXPECT_EQ(ring.last_ticket(), 0u);
    }
    EXPECT_TRUE(ring.commands());
    EXPECT_EQ(ring.submit(), VK_SUCCESS);
    if (entry == EntryPoint::create_command_pool) continue;  // there is one
    fixture.faults.fail(entry, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
    EXPECT_EQ(ring.commands().result(), VK_ERROR_OUT_OF_HOST_MEMORY);
    EXPECT_EQ(ring.wait_all(), VK_SUCCESS);
    EXPECT_TRUE(ring.commands());
  }
}

TEST(CommandRing, IsMadeAtOnceWherePrepared) {
  TransferFixture fixture;
  fixture.faults.fail(EntryPoint::create_fence, 2, VK_ERROR_OUT_OF_HOST_MEMORY);
  CommandRing ring(fixture.device, 3);
  ring.prepare();
  EXPECT_EQ(fixture.alive().fences, 1u);
  EXPECT_EQ(ring.commands().result(), VK_ERROR_OUT_OF_HOST_MEMORY);
  for (int submission = 0; submission < 3; ++submission) {
    ASSERT_TRUE(ring.commands());
    ASSERT_EQ(ring.submit(), VK_SUCCESS);
  }
  EXPECT_EQ(fixture.alive().fences, 3u);
}

TEST(CommandRing, AsksForNothingMoreOncePrepared) {
  TransferFixture fixture;
  CommandRing ring(fixture.device, 3);
  ring.prepare();
  EXPECT_EQ(fixture.alive().fences, 3u);
  const std::uint64_t made = fixture.faults.calls(EntryPoint::create_fence);
  for (int submission = 0; submission < 7; ++submission) {
    ASSERT_TRUE(ring.commands());
    ASSERT_EQ(ring.submit(), VK_SUCCESS);
  }
  EXPECT_EQ(fixture.faults.calls(EntryPoint::create_fence), made);
}

TEST(CommandRing, MakesWhatItUses) {
  TransferFixture fixture;
  {
    CommandRing ring(fixture.device, 3);
    EXPECT_EQ(ring.submit(), VK_SUCCESS);
    EXPECT_EQ(ring.wait_all(), VK_SUCCESS);
    EXPECT_EQ(fixture.alive().total(), 0u);
    for (std::uint64_t submission = 1; submission <= 5; ++submission) {
      ASSERT_TRUE(ring.commands());
      EXPECT_EQ(fixture.alive().fences, std::min<std::uint64_t>(submission, 3));
      ASSERT_EQ(ring.submit(), VK_SUCCESS);
    }
  }
  EXPECT_EQ(fixture.alive().total(), 0u);
}

}  // namespace
}  // namespace vkmembench
