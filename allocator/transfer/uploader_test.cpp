#include "allocator/transfer/uploader.h"

#include <optional>
#include <random>
#include <thread>

#include "allocator/base/error.h"
#include "allocator/testing/transfer_fixture.h"

namespace vkmembench {
namespace {

Uploader::Fill fill_from(const std::vector<std::byte>& bytes) {
  return [&bytes, next = Offset{0}](std::span<std::byte> piece, Offset offset) mutable {
    EXPECT_EQ(offset, next);  // in order
    next += piece.size();
    std::memcpy(piece.data(), bytes.data() + offset, piece.size());
  };
}

struct Way {
  std::uint32_t frames_in_flight;
  Bytes ring_bytes;
  bool coherent;
};
class Uploads : public testing::TestWithParam<Way> {
 protected:
  Uploads()
      : fixture_(GetParam().coherent ? transfer_profile() : noncoherent_profile()),
        uploader_(std::in_place, fixture_.device,
                  UploaderSettings{GetParam().ring_bytes, GetParam().frames_in_flight, 1000}) {}

  TransferFixture fixture_;
  std::optional<Uploader> uploader_;
};
INSTANTIATE_TEST_SUITE_P(Table, Uploads,
                         testing::Values(Way{0, 64 * kKiB, true}, Way{1, 1000, true}, Way{2, 64 * kKiB, true},
                                         Way{2, 4096, false}, Way{3, kMiB, false}));

TEST_P(Uploads, OfAnySizeArriveWhereTheyShould) {
  std::mt19937 random(1);
  const Bytes size = 300000;
  const VkBuffer target = fixture_.buffer(size);
  std::vector<std::byte> expected = pattern(size, 0);
  fixture_.write(target, expected);
  Bytes copied = 0;
  for (unsigned i = 0; i < 60; ++i) {
    const Bytes bytes = 1 + random() % (i % 10 == 0 ? size : 2000);
    const Offset offset = random() % (size - bytes + 1);
    const std::vector<std::byte> data = pattern(bytes, i);
    ASSERT_EQ(uploader_->upload_buffer(target, offset, bytes, fill_from(data)), VK_SUCCESS);
    std::memcpy(expected.data() + offset, data.data(), bytes);
    copied += bytes;
    if (i % 7 != 0) continue;
    EXPECT_EQ(uploader_->end_frame(), VK_SUCCESS);
  }
  EXPECT_EQ(uploader_->finish(), VK_SUCCESS);
  EXPECT_EQ(fixture_.contents(target, size), expected);
  EXPECT_EQ(uploader_->copied_bytes(), copied);
  EXPECT_EQ(uploader_->staging_bytes(), GetParam().ring_bytes);
}

TEST_P(Uploads, MipChainsArriveWhole) {
  const VkImageCreateInfo infos[] = {
      image_info(VK_FORMAT_R8G8B8A8_UNORM, {200, 100, 1}, 8), image_info(VK_FORMAT_BC7_UNORM_BLOCK, {60, 36, 1}, 6, 3),
      image_info(VK_FORMAT_R8_UNORM, {17, 5, 9}, 4), image_info(VK_FORMAT_D32_SFLOAT, {40, 40, 1})};
  for (const VkImageCreateInfo& info : infos) {
    const VkImage image = fixture_.image(info);
    const std::vector<Subresource> parts = subresources(info);
    const Bytes packed = parts.back().offset + parts.back().size;
    const std::vector<std::byte> data = pattern(packed, 5);
    const Expected<Bytes> copied = uploader_->upload_image(image, info, packed, true, fill_from(data));
    ASSERT_TRUE(copied);
    EXPECT_EQ(*copied, packed);
    ASSERT_EQ(uploader_->finish(), VK_SUCCESS);
    const VkBuffer seen = fixture_.buffer(staged_bytes(parts));
    fixture_.sim.run(
        [&](VkCommandBuffer commands) { record_readback(fixture_.sim.d, commands, image, seen, 0, parts); });
    const std::byte* bytes = fixture_.bytes(seen);
    for (const Subresource& part : parts)
      EXPECT_EQ(std::memcmp(bytes + part.region.bufferOffset, data.data() + part.offset, part.size), 0);
  }
}

TEST_P(Uploads, APartialImageTakesWholeSubresources) {
  const VkImageCreateInfo info = image_info(VK_FORMAT_R8G8B8A8_UNORM, {16, 16, 1}, 3);  // 1024, 256 and 64 bytes
  const VkImage image = fixture_.image(info);
  const std::vector<std::byte> data = pattern(2000, 1);
  bool fresh = true;
  for (const auto& row : {std::pair<Bytes, Bytes>{1, 1024}, {1024, 1024}, {1279, 1024}, {1280, 1280}, {9999, 1344}}) {
    const Expected<Bytes> copied = uploader_->upload_image(image, info, row.first, fresh, fill_from(data));
    ASSERT_TRUE(copied);
    EXPECT_EQ(*copied, row.second) << row.first;
    fresh = false;
  }
  EXPECT_EQ(uploader_->finish(), VK_SUCCESS);
}

TEST_P(Uploads, CopiesFollowTheOrderOfTheCalls) {
  const VkBuffer first = fixture_.buffer(4096);
  const VkBuffer second = fixture_.buffer(4096);
  const std::vector<std::byte> one = pattern(4096, 1);
  const std::vector<std::byte> two = pattern(4096, 2);
  EXPECT_EQ(uploader_->upload_buffer(first, 0, 4096, fill_from(one)), VK_SUCCESS);
  EXPECT_EQ(uploader_->copy_buffer(first, second, {0, 0, 4096}), VK_SUCCESS);
  EXPECT_EQ(uploader_->upload_buffer(first, 0, 4096, fill_from(two)), VK_SUCCESS);
  EXPECT_EQ(uploader_->copy_buffer(first, second, {0, 1024, 1024}), VK_SUCCESS);
  EXPECT_EQ(uploader_->finish(), VK_SUCCESS);
  std::vector<std::byte> expected = one;
  std::memcpy(expected.data() + 1024, two.data(), 1024);
  EXPECT_EQ(fixture_.contents(second, 4096), expected);
  EXPECT_EQ(uploader_->copied_bytes(), 3u * 4096 + 1024);
}

TEST_P(Uploads, NothingToUploadIsNothing) {
  const VkBuffer target = fixture_.buffer(16);
  EXPECT_EQ(uploader_->upload_buffer(target, 0, 0, nullptr), VK_SUCCESS);
  EXPECT_EQ(uploader_->end_frame(), VK_SUCCESS);
  EXPECT_EQ(uploader_->finish(), VK_SUCCESS);
  EXPECT_EQ(uploader_->copied_bytes(), 0u);
}

TEST_P(Uploads, AFailedSubmissionIsReportedOnceAndUploadsGoOn) {
  const VkBuffer target = fixture_.buffer(400);
  const std::vector<std::byte> lost = pattern(400, 1);
  const std::vector<std::byte> data = pattern(400, 2);
  fixture_.faults.fail(EntryPoint::queue_submit, 1, VK_ERROR_OUT_OF_DEVICE_MEMORY);
  (void)uploader_->upload_buffer(target, 0, 400, fill_from(lost));
  EXPECT_EQ(uploader_->end_frame(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(uploader_->end_frame(), VK_SUCCESS);
  EXPECT_NE(fixture_.contents(target, 400), lost);
  EXPECT_EQ(uploader_->upload_buffer(target, 0, 400, fill_from(data)), VK_SUCCESS);
  EXPECT_EQ(uploader_->finish(), VK_SUCCESS);
  EXPECT_EQ(fixture_.contents(target, 400), data);
}

TEST_P(Uploads, AFenceThatDoesNotSignalIsATimeoutAndNothingIsReused) {
  const VkBuffer target = fixture_.buffer(kMiB);
  const std::vector<std::byte> data = pattern(kMiB, 1);
  fixture_.fences.stuck = true;
  VkResult result = VK_SUCCESS;
  for (int i = 0; i < 40 && result == VK_SUCCESS; ++i)
    result = uploader_->upload_buffer(target, 0, GetParam().ring_bytes / 2, fill_from(data));
  EXPECT_EQ(result, VK_TIMEOUT);
  EXPECT_EQ(uploader_->finish(), VK_TIMEOUT);
  fixture_.fences.stuck = false;
  EXPECT_EQ(uploader_->finish(), VK_SUCCESS);
  EXPECT_EQ(uploader_->upload_buffer(target, 0, kMiB, fill_from(data)), VK_SUCCESS);
  EXPECT_EQ(uploader_->finish(), VK_SUCCESS);
  EXPECT_EQ(fixture_.contents(target, kMiB), data);
}

TEST_P(Uploads, FillMayComeFromSeveralThreads) {
  constexpr Bytes kShare = 20000;
  const VkBuffer target = fixture_.buffer(4 * kShare);
  const std::vector<std::byte> data = pattern(4 * kShare, 1);
  {
    std::vector<std::jthread> threads;
    for (Offset share = 0; share < 4; ++share) {
      threads.emplace_back([&, share] {
        for (Offset at = share * kShare; at < (share + 1) * kShare; at += 1000) {
          EXPECT_EQ(uploader_->upload_buffer(target, at, 1000,
                                             [&](std::span<std::byte> piece, Offset offset) {
                                               std::memcpy(piece.data(), data.data() + at + offset, piece.size());
                                             }),
                    VK_SUCCESS);
        }
      });
    }
  }
  EXPECT_EQ(uploader_->finish(), VK_SUCCESS);
  EXPECT_EQ(fixture_.contents(target, 4 * kShare), data);
}

TEST(UploaderBackPressure, EachUploadThatWaitsIsCounted) {
  TransferFixture fixture;
  Uploader uploader(fixture.device, {.ring_bytes = 4096, .frames_in_flight = 2});
  const VkBuffer target = fixture.buffer(64 * kKiB);
  const auto upload = [&](Bytes size) { return uploader.upload_buffer(target, 0, size, [](auto, auto) {}); };
  EXPECT_EQ(upload(2048), VK_SUCCESS);
  EXPECT_EQ(upload(2048), VK_SUCCESS);
  EXPECT_EQ(uploader.wait_count(), 0u);
  EXPECT_EQ(upload(16), VK_SUCCESS);  // the ring was full
  EXPECT_EQ(uploader.wait_count(), 1u);
  EXPECT_EQ(upload(64 * kKiB), VK_SUCCESS);  // many pieces, one upload
  EXPECT_EQ(uploader.wait_count(), 2u);
  EXPECT_EQ(uploader.finish(), VK_SUCCESS);
  EXPECT_EQ(upload(2048), VK_SUCCESS);
  EXPECT_EQ(uploader.wait_count(), 2u);
}

// Frames retire in order whatever the fences say early, so that counts do not hang on the device's speed.
TEST(UploaderBackPressure, FramesInFlightKeepTheirStaging) {
  TransferFixture fixture;
  Uploader uploader(fixture.device, {.ring_bytes = 4096, .frames_in_flight = 2});
  const VkBuffer target = fixture.buffer(4096);
  for (int frame = 0; frame < 20; ++frame) {
    EXPECT_EQ(uploader.upload_buffer(target, 0, 2000, [](auto, auto) {}), VK_SUCCESS);
    EXPECT_EQ(uploader.end_frame(), VK_SUCCESS);
  }
  EXPECT_EQ(uploader.wait_count(), 0u);
  Uploader three(fixture.device, {.ring_bytes = 4096, .frames_in_flight = 3});
  for (int frame = 0; frame < 20; ++frame) {
    EXPECT_EQ(three.upload_buffer(target, 0, 2000, [](auto, auto) {}), VK_SUCCESS);
    EXPECT_EQ(three.end_frame(), VK_SUCCESS);
  }
  EXPECT_EQ(three.wait_count(), 18u);  // all but the first two
}

TEST(UploaderFaults, AFailedFlushRefusesAndLaterUploadsArrive) {
  TransferFixture fixture(noncoherent_profile());
  Uploader uploader(fixture.device, {.ring_bytes = 64 * kKiB});
  const VkBuffer target = fixture.buffer(5000);
  const std::vector<std::byte> data = pattern(5000, 3);
  fixture.faults.fail(EntryPoint::flush_mapped_memory_ranges, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_EQ(uploader.upload_buffer(target, 0, 5000, fill_from(data)), VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_EQ(uploader.copied_bytes(), 0u);
  EXPECT_EQ(uploader.upload_buffer(target, 0, 5000, fill_from(data)), VK_SUCCESS);
  EXPECT_EQ(uploader.finish(), VK_SUCCESS);
  EXPECT_EQ(fixture.contents(target, 5000), data);
}

TEST(UploaderFaults, AConstructorThatFailsLeavesNothing) {
  TransferFixture fixture;
  for (const EntryPoint entry : {EntryPoint::create_buffer, EntryPoint::bind_buffer_memory, EntryPoint::map_memory}) {
    fixture.faults.fail(entry, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
    EXPECT_THROW(Uploader uploader(fixture.device), Error);
    EXPECT_EQ(fixture.alive().total(), 0u);
  }
}

TEST(UploaderFaults, EachFaultOfCopyingIsToldAndLaterUploadsArrive) {
  const std::vector<std::byte> data = pattern(5000, 3);
  for (const EntryPoint entry :
       {EntryPoint::create_command_pool, EntryPoint::allocate_command_buffers, EntryPoint::create_fence,
        EntryPoint::begin_command_buffer, EntryPoint::end_command_buffer, EntryPoint::reset_fences,
        EntryPoint::queue_submit, EntryPoint::wait_for_fences}) {
    SCOPED_TRACE(kEntryPointNames[static_cast<std::size_t>(entry)]);
    TransferFixture fixture;
    const VkBuffer target = fixture.buffer(5000);
    std::vector<VkResult> submissions;
    fixture.faults.fail(entry, 1, VK_ERROR_OUT_OF_DEVICE_MEMORY);
    Uploader uploader(fixture.device,
                      {.ring_bytes = 64 * kKiB, .on_submit = [&](VkResult result) { submissions.push_back(result); }});
    const VkResult recorded = uploader.upload_buffer(target, 0, 5000, fill_from(data));
    const VkResult finished = uploader.finish();
    EXPECT_TRUE(fixture.faults.fired(entry));
    EXPECT_EQ((recorded == VK_SUCCESS) + (finished == VK_SUCCESS), 1);
    const bool waits = entry == EntryPoint::wait_for_fences;
    EXPECT_EQ(submissions.back() == VK_SUCCESS, recorded != VK_SUCCESS || waits);
    EXPECT_EQ(fixture.contents(target, 5000) == data, waits);  // nothing is under way any more
    EXPECT_EQ(uploader.upload_buffer(target, 0, 5000, fill_from(data)), VK_SUCCESS);
    EXPECT_EQ(uploader.finish(), VK_SUCCESS);
    EXPECT_EQ(fixture.contents(target, 5000), data);
  }
}

TEST(UploaderFaults, WhatWasNotSubmittedIsDroppedAtTheEnd) {
  TransferFixture fixture;
  const VkBuffer target = fixture.buffer(100);
  const std::vector<std::byte> before = pattern(100, 1);
  fixture.write(target, before);
  {
    Uploader uploader(fixture.device);
    EXPECT_EQ(uploader.upload_buffer(target, 0, 100, [](auto piece, auto) { std::ranges::fill(piece, std::byte{1}); }),
              VK_SUCCESS);
  }
  EXPECT_EQ(fixture.contents(target, 100), before);
}

}  // namespace
}  // namespace vkmembench
