#include "allocator/device/layers/recording_layer.h"

#include <gtest/gtest.h>

#include <thread>

#include "allocator/device/layers/fault_layer.h"
#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

using Timing = RecordingLayer::Timing;

std::uint64_t count(const CallRecord& record, EntryPoint entry) {
  return record.counts[static_cast<std::size_t>(entry)];
}

// A simulated device under a recording layer, and the calls of a program on it.
class Recorded : public testing::Test {
 protected:
  void start(Timing timing, bool stamps = false, bool model_clock = false) {
    sim_.emplace(test_profile(), SimulatedOptions{.model_clock = model_clock, .verify_contents = false});
    faults_.emplace(sim_->d);
    layer_.emplace(faults_->device(), timing, stamps);
  }
  [[nodiscard]] const Device& d() const { return layer_->device(); }
  Expected<VkDeviceMemory> allocate(Bytes size, std::uint32_t type = 0, const void* chain = nullptr) const {
    const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, chain, size, type};
    VkDeviceMemory memory = VK_NULL_HANDLE;
    const VkResult result = d().fn.allocate_memory(d().handle, &info, nullptr, &memory);
    if (result != VK_SUCCESS) return result;
    return memory;
  }
  void free(VkDeviceMemory memory) const { d().fn.free_memory(d().handle, memory, nullptr); }
  VkBuffer buffer() const {
    const VkBufferCreateInfo info = buffer_info(64);
    VkBuffer made = VK_NULL_HANDLE;
    d().fn.create_buffer(d().handle, &info, nullptr, &made);
    return made;
  }

  std::optional<SimulatedFixture> sim_;
  std::optional<FaultLayer> faults_;
  std::optional<RecordingLayer> layer_;
};

// The heaps have 64 and 32 MiB. Whether a layer below refuses has no say.
TEST_F(Recorded, NotesCallsThatVulkanForbids) {
  start(Timing::off);
  CallRecord record;
  const RecordingLayer::Attachment attached(record);
  faults_->fail(EntryPoint::allocate_memory, 1, VK_ERROR_OUT_OF_DEVICE_MEMORY);
  record.position = 3;
  EXPECT_FALSE(allocate(64 * kMiB + 1));
  EXPECT_FALSE(allocate(33 * kMiB, 1));
  const Expected<VkDeviceMemory> fits = allocate(kMiB, 1);
  ASSERT_TRUE(fits);
  free(*fits);
  ASSERT_EQ(record.invalid.size(), 2u);
  EXPECT_EQ(record.invalid[0].position, 3u);
  EXPECT_EQ(record.invalid[0].size, 64 * kMiB + 1);
  EXPECT_EQ(record.invalid[1].memory_type, 1u);
}

TEST_F(Recorded, CountsEachCallAndWhatLives) {
  start(Timing::off);
  CallRecord record;
  const RecordingLayer::Attachment attached(record);
  const VkBuffer first = buffer();
  const VkBuffer second = buffer();
  d().fn.destroy_buffer(d().handle, first, nullptr);
  faults_->fail(EntryPoint::create_buffer, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_EQ(buffer(), VkBuffer{VK_NULL_HANDLE});
  EXPECT_EQ(count(record, EntryPoint::create_buffer), 3u);
  EXPECT_EQ(count(record, EntryPoint::destroy_buffer), 1u);
  EXPECT_EQ(count(record, EntryPoint::create_image), 0u);
  EXPECT_EQ(record.live_buffers, 1);
  EXPECT_EQ(record.live_images, 0);
  EXPECT_EQ(record.driver_ticks, 0u);  // nothing is timed
  d().fn.destroy_buffer(d().handle, second, nullptr);
  EXPECT_EQ(record.live_buffers, 0);
}

TEST_F(Recorded, NotesDeviceMemoryThatComesAndGoes) {
  start(Timing::off);
  CallRecord record;
  const RecordingLayer::Attachment attached(record);
  record.position = 7;
  const VkDeviceMemory plain = allocate(4096, 1).value();
  VkMemoryDedicatedAllocateInfo dedicated{};
  dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO;
  dedicated.buffer = buffer();
  record.position = 8;
  const VkDeviceMemory own = allocate(64, 0, &dedicated).value();
  EXPECT_EQ(allocate(kGiB).result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  record.position = 9;
  free(plain);
  free(VK_NULL_HANDLE);

  ASSERT_EQ(record.memory.size(), 3u);  // a refused allocation and the null handle are no events
  EXPECT_EQ(record.memory[0].memory, plain);
  EXPECT_EQ(record.memory[0].size, 4096u);
  EXPECT_EQ(record.memory[0].position, 7u);
  EXPECT_EQ(record.memory[0].memory_type, 1u);
  EXPECT_FALSE(record.memory[0].dedicated);
  EXPECT_FALSE(record.memory[0].freed);
  EXPECT_EQ(record.memory[1].memory, own);
  EXPECT_TRUE(record.memory[1].dedicated);
  EXPECT_EQ(record.memory[2].memory, plain);
  EXPECT_TRUE(record.memory[2].freed);
  EXPECT_EQ(record.memory[2].position, 9u);
  for (const MemoryEvent& event : record.memory) EXPECT_EQ(event.stamp, 0u);
  EXPECT_EQ(count(record, EntryPoint::allocate_memory), 3u);
  EXPECT_EQ(count(record, EntryPoint::free_memory), 2u);
}

TEST_F(Recorded, StampsMemoryEventsInTheirOrder) {
  start(Timing::off, true);
  CallRecord record;
  const RecordingLayer::Attachment attached(record);
  const Ticks before = read_ticks();
  free(allocate(64).value());
  const Ticks after = read_ticks();
  ASSERT_EQ(record.memory.size(), 2u);
  EXPECT_GE(record.memory[0].stamp, before);
  EXPECT_GE(record.memory[1].stamp, record.memory[0].stamp);
  EXPECT_LE(record.memory[1].stamp, after);
}

TEST_F(Recorded, ChargesTheProfilesCostsUnderTheModelClock) {
  start(Timing::on, false, true);
  CallRecord record;
  const RecordingLayer::Attachment attached(record);
  const VkDeviceMemory memory = allocate(2 * kMiB).value();
  free(memory);
  const VkBuffer made = buffer();
  d().fn.destroy_buffer(d().handle, made, nullptr);
  const auto ticks = [&](EntryPoint entry) { return record.ticks[static_cast<std::size_t>(entry)]; };
  EXPECT_EQ(ticks(EntryPoint::allocate_memory), 1000u + 2 * 100);
  EXPECT_EQ(ticks(EntryPoint::free_memory), 500u + 2 * 50);
  EXPECT_EQ(ticks(EntryPoint::create_buffer), 10u);
  EXPECT_EQ(ticks(EntryPoint::destroy_buffer), 0u);
  EXPECT_EQ(record.driver_ticks, 1200u + 600 + 10);
}

TEST_F(Recorded, TimesCallsOnTheWallClock) {
  start(Timing::on);
  CallRecord record;
  const RecordingLayer::Attachment attached(record);
  for (int i = 0; i < 100; ++i) d().fn.destroy_buffer(d().handle, buffer(), nullptr);
  Ticks sum = 0;
  for (const Ticks ticks : record.ticks) sum += ticks;
  EXPECT_GT(sum, 0u);
  EXPECT_EQ(record.driver_ticks, sum);
}

TEST_F(Recorded, CreditsEachThreadsOwnRecord) {
  start(Timing::off);
  std::array<CallRecord, 3> records;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < records.size(); ++i) {
      threads.emplace_back([this, i, &record = records[i]] {
        const RecordingLayer::Attachment attached(record);
        for (std::size_t n = 0; n < 100 * (i + 1); ++n) d().fn.destroy_buffer(d().handle, buffer(), nullptr);
      });
    }
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(count(records[i], EntryPoint::create_buffer), 100 * (i + 1));
    EXPECT_EQ(records[i].live_buffers, 0);
  }
}

TEST_F(Recorded, LetsAThreadWithoutARecordPassUncounted) {
  start(Timing::on);
  CallRecord record;
  { const RecordingLayer::Attachment attached(record); }
  d().fn.destroy_buffer(d().handle, buffer(), nullptr);
  EXPECT_EQ(count(record, EntryPoint::create_buffer), 0u);
}

using RecordedDeathTest = Recorded;
TEST_F(RecordedDeathTest, MemoryNeedsARecord) {
  start(Timing::off);
  EXPECT_DEATH((void)allocate(64), "only in attached threads");
}
TEST_F(RecordedDeathTest, AThreadHasOneRecordAtATime) {
  CallRecord first;
  CallRecord second;
  const RecordingLayer::Attachment attached(first);
  EXPECT_DEATH(const RecordingLayer::Attachment again(second), "one record at a time");
}

}  // namespace
}  // namespace vkmembench
