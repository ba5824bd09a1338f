#include "bench/replay/copying/transfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "allocator/base/vulkan_names.h"
#include "bench/replay/check/pattern.h"
#include "bench/replay/testing/replay_fixture.h"

namespace vkmembench {
namespace {

// Frames in flight.
class Transfers : public testing::TestWithParam<std::uint32_t> {
 protected:
  Transfers()
      : stage_(vkmembench::test_profile()),
        strategy_(parse_strategy("dedicated").make(stage_.raw)),
        transfer_(std::make_unique<Transfer>(stage_.limits.device(), stage_.raw, GetParam())) {}
  void TearDown() override {
    if (transfer_) {
      EXPECT_EQ(transfer_->finish(), VK_SUCCESS);
    }
    for (const Allocation& made : made_) strategy_->destroy(made, 0);
    transfer_.reset();
    EXPECT_EQ(stage_.leaks().total(), 0u);
  }
  const Allocation& buffer(Bytes size, MemoryUse use = MemoryUse::device) {
    BufferRequest request;
    request.size = size;
    request.memory = use;
    request.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    return made_.emplace_back(*strategy_->create_buffer(request));
  }
  static ImageRequest image_request(VkFormat format, VkExtent3D extent, std::uint32_t mips, std::uint32_t layers) {
    ImageRequest request;
    request.format = format;
    request.extent = extent;
    request.mips = mips;
    request.layers = layers;
    request.usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
    return request;
  }
  VkResult upload(const Allocation& to, Bytes size, std::uint64_t key) {
    return transfer_->upload_buffer(to.buffer(), size, false, [&](std::span<std::byte> bytes, Offset offset) {
      EXPECT_LE(offset + bytes.size(), size);
      Pattern(key).fill(bytes, offset);
    });
  }
  void expect_pattern(const Allocation& of, Offset offset, Bytes size, std::uint64_t key) {
    int looks = 0;
    EXPECT_EQ(transfer_->read_buffer(of.buffer(), offset, size,
                                     [&](std::span<const std::byte> bytes) {
                                       ++looks;
                                       EXPECT_EQ(bytes.size(), size);
                                       EXPECT_EQ(Pattern(key).mismatch(bytes, offset), std::nullopt);
                                     }),
              VK_SUCCESS);
    EXPECT_EQ(looks, 1);
  }

  Stage stage_;
  std::unique_ptr<Strategy> strategy_;
  std::unique_ptr<Transfer> transfer_;
  std::deque<Allocation> made_;
};
INSTANTIATE_TEST_SUITE_P(FramesInFlight, Transfers, testing::Values(0, 1, 2, 3));

TEST_P(Transfers, AnUploadArrives) {
  const Allocation& target = buffer(100000);
  EXPECT_EQ(upload(target, 100000, 5), VK_SUCCESS);
  expect_pattern(target, 0, 100000, 5);
  expect_pattern(target, 12345, 777, 5);
  EXPECT_EQ(upload(target, 100, 6), VK_SUCCESS);  // the start only
  expect_pattern(target, 0, 100, 6);
  expect_pattern(target, 104, 1000, 5);
  EXPECT_EQ(transfer_->copied_bytes(), 100100u);
}

TEST_P(Transfers, CopiesFollowTheirOrder) {
  const Allocation& first = buffer(4096);
  const Allocation& second = buffer(4096);
  EXPECT_EQ(upload(first, 4096, 1), VK_SUCCESS);
  EXPECT_EQ(transfer_->copy_buffer(first.buffer(), second.buffer(), 4096), VK_SUCCESS);
  EXPECT_EQ(upload(first, 4096, 2), VK_SUCCESS);
  EXPECT_EQ(transfer_->copy_buffer(first.buffer(), second.buffer(), 1024), VK_SUCCESS);
  expect_pattern(first, 0, 4096, 2);
  expect_pattern(second, 0, 1024, 2);
  expect_pattern(second, 1024, 3072, 1);
  EXPECT_EQ(transfer_->copied_bytes(), 3u * 4096 + 1024);
}

// Through two images, of which neither has a layout before.
TEST_P(Transfers, CopiesGoThroughImages) {
  const ImageRequest request = image_request(VK_FORMAT_R8G8B8A8_UNORM, {16, 16, 1}, 3, 2);
  const Bytes size = 2 * (1024 + 256 + 64);
  const VkImage first = made_.emplace_back(*strategy_->create_image(request)).as_image();
  const VkImage second = made_.emplace_back(*strategy_->create_image(request)).as_image();
  const VkBuffer from = buffer(size).buffer();
  const Allocation to = buffer(size);
  EXPECT_EQ(transfer_->upload_buffer(from, size, false,
                                     [](std::span<std::byte> bytes, Offset offset) { Pattern(1).fill(bytes, offset); }),
            VK_SUCCESS);
  const std::vector<Subresource> parts = packed_subresources(create_info(request), size);
  ASSERT_EQ(parts.size(), 6u);
  EXPECT_EQ(transfer_->copy_parts({from, {}}, {VK_NULL_HANDLE, {first, true}}, parts), VK_SUCCESS);
  EXPECT_EQ(transfer_->copy_parts({VK_NULL_HANDLE, {first, false}}, {VK_NULL_HANDLE, {second, true}}, parts),
            VK_SUCCESS);
  EXPECT_EQ(transfer_->copy_parts({VK_NULL_HANDLE, {second, false}}, {to.buffer(), {}}, parts), VK_SUCCESS);
  expect_pattern(to, 0, size, 1);
  EXPECT_EQ(transfer_->copied_bytes(), 4u * size);
}

TEST_P(Transfers, TheHostSeesCopiesOnceTheyAreSettled) {
  const Allocation& from = buffer(4096);
  const Allocation& to = buffer(4096, MemoryUse::readback);
  EXPECT_EQ(upload(from, 4096, 1), VK_SUCCESS);
  EXPECT_EQ(transfer_->copy_buffer(from.buffer(), to.buffer(), 4096), VK_SUCCESS);
  EXPECT_EQ(transfer_->settle_copies(), VK_SUCCESS);
  const std::byte* bytes = *strategy_->map(to);
  EXPECT_EQ(strategy_->invalidate(to, 0, 4096), VK_SUCCESS);
  EXPECT_EQ(Pattern(1).mismatch({bytes, 4096}, 0), std::nullopt);
  strategy_->unmap(to);
}

TEST_P(Transfers, TheHostMayWriteOverAnUploadOnceItIsSettled) {
  const Allocation& target = buffer(4096, MemoryUse::upload);
  EXPECT_EQ(transfer_->upload_buffer(target.buffer(), 4096, true,
                                     [](std::span<std::byte> bytes, Offset offset) { Pattern(1).fill(bytes, offset); }),
            VK_SUCCESS);
  EXPECT_EQ(transfer_->settle_copies(), VK_SUCCESS);
  std::byte* bytes = *strategy_->map(target);
  Pattern(2).fill({bytes, 1000}, 0);
  EXPECT_EQ(strategy_->flush(target, 0, 1000), VK_SUCCESS);
  strategy_->unmap(target);
  EXPECT_EQ(transfer_->finish(), VK_SUCCESS);
  expect_pattern(target, 0, 1000, 2);
  expect_pattern(target, 1000, 3096, 1);
}

TEST_P(Transfers, StagingIsUsedAgainOnceItsFrameIsDone) {
  const Allocation& target = buffer(kMiB);
  for (int frame = 0; frame < 10; ++frame) {
    EXPECT_EQ(upload(target, kMiB, 1), VK_SUCCESS);
    EXPECT_EQ(upload(target, kMiB, 2), VK_SUCCESS);
    EXPECT_EQ(transfer_->end_frame(), VK_SUCCESS);
  }
  // Without frames in flight each upload waits for itself; otherwise the uploads of F frames are under way at once.
  EXPECT_EQ(transfer_->staging_peak(), GetParam() == 0 ? kMiB : 2 * GetParam() * kMiB);
  EXPECT_EQ(stage_.limits.usage(1), transfer_->staging_peak());  // within the device's limits
  EXPECT_EQ(transfer_->wait_count(), 0u);
  transfer_->start_measuring();
  EXPECT_EQ(transfer_->copied_bytes(), 0u);
  EXPECT_EQ(transfer_->staging_peak(), GetParam() == 0 ? kMiB : 2 * GetParam() * kMiB);
}

TEST_P(Transfers, SmallUploadsShareASizeOfStaging) {
  const Allocation& target = buffer(100);
  EXPECT_EQ(upload(target, 1, 1), VK_SUCCESS);
  EXPECT_EQ(transfer_->staging_peak(), 64 * kKiB);
}

TEST_P(Transfers, LackOfStagingIsAResult) {
  const Allocation& target = buffer(10 * kMiB);
  std::vector<VkResult> results;
  for (int i = 0; i < 4; ++i) results.push_back(upload(target, 10 * kMiB, 1));  // staging of 16 MiB; the heap has 32
  if (GetParam() == 0) {
    for (const VkResult result : results) EXPECT_EQ(result, VK_SUCCESS);
  } else {
    EXPECT_EQ(results.front(), VK_SUCCESS);
    EXPECT_EQ(results.back(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  }
  EXPECT_EQ(transfer_->finish(), VK_SUCCESS);
  EXPECT_EQ(upload(target, 10 * kMiB, 3), VK_SUCCESS);
}

struct ImageCase {
  VkFormat format;
  VkExtent3D extent;
  std::uint32_t mips;
  std::uint32_t layers;
};
TEST_P(Transfers, ImagesTravelSubresourceBySubresource) {
  const ImageCase cases[] = {{VK_FORMAT_R8G8B8A8_UNORM, {64, 64, 1}, 1, 1},
                             {VK_FORMAT_R8_UNORM, {17, 5, 1}, 5, 3},
                             {VK_FORMAT_BC7_UNORM_BLOCK, {60, 36, 1}, 6, 2},
                             {VK_FORMAT_R8G8B8A8_UNORM, {8, 8, 8}, 4, 1},
                             {VK_FORMAT_D32_SFLOAT, {32, 32, 1}, 1, 1}};
  for (const ImageCase& c : cases) {
    const ImageRequest request = image_request(c.format, c.extent, c.mips, c.layers);
    const Allocation& image = made_.emplace_back(*strategy_->create_image(request));
    Bytes packed = 0;
    for (std::uint32_t mip = 0; mip < c.mips; ++mip) packed += mip_bytes(format_info(c.format), c.extent, mip);
    packed *= c.layers;
    Bytes filled = 0;
    const Expected<Bytes> copied = transfer_->upload_image(image.as_image(), request, packed, true, false,
                                                           [&](std::span<std::byte> bytes, Offset offset) {
                                                             EXPECT_EQ(offset, filled);  // tightly packed, in order
                                                             filled += bytes.size();
                                                             Pattern(9).fill(bytes, offset);
                                                           });
    ASSERT_TRUE(copied);
    EXPECT_EQ(*copied, packed);
    EXPECT_EQ(filled, packed);
    Bytes seen = 0;
    EXPECT_EQ(transfer_->read_image(image.as_image(), request, packed,
                                    [&](std::span<const std::byte> bytes, Offset offset) {
                                      EXPECT_EQ(offset, seen);
                                      seen += bytes.size();
                                      EXPECT_EQ(Pattern(9).mismatch(bytes, offset), std::nullopt);
                                    }),
              VK_SUCCESS);
    EXPECT_EQ(seen, packed);
  }
}

TEST_P(Transfers, APartialImageUploadCopiesWholeSubresources) {
  const ImageRequest request = image_request(VK_FORMAT_R8G8B8A8_UNORM, {16, 16, 1}, 3, 1);  // 1024, 256 and 64 bytes
  const Allocation& image = made_.emplace_back(*strategy_->create_image(request));
  bool fresh = true;
  const std::pair<Bytes, Bytes> sizes[] = {{1, 1024}, {1024, 1024}, {1279, 1024}, {1280, 1280}, {1344, 1344}};
  for (const auto& [asked, expected] : sizes) {
    const Expected<Bytes> copied =
        transfer_->upload_image(image.as_image(), request, asked, fresh, false,
                                [](std::span<std::byte> bytes, Offset) { bytes[0] = std::byte{1}; });
    ASSERT_TRUE(copied);
    EXPECT_EQ(*copied, expected) << asked;
    fresh = false;
  }
}

TEST_P(Transfers, ReadbackMemoryCountsForNobody) {
  const Allocation& target = buffer(kMiB);
  EXPECT_EQ(upload(target, kMiB, 1), VK_SUCCESS);
  EXPECT_EQ(transfer_->finish(), VK_SUCCESS);
  const Bytes usage = stage_.limits.usage(1);
  expect_pattern(target, 0, kMiB, 1);
  EXPECT_EQ(stage_.limits.usage(1), usage);
}

TEST_P(Transfers, EachFaultOfStagingIsAResultAndLeavesNothing) {
  const Allocation& target = buffer(kMiB);
  for (const EntryPoint entry : {EntryPoint::create_buffer, EntryPoint::bind_buffer_memory, EntryPoint::map_memory}) {
    stage_.faults.fail(entry, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
    EXPECT_EQ(upload(target, kMiB, 1), VK_ERROR_OUT_OF_HOST_MEMORY) << static_cast<int>(entry);
    EXPECT_EQ(stage_.limits.usage(1), 0u);
  }
  stage_.faults.fail(EntryPoint::allocate_memory, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_EQ(upload(target, kMiB, 1), VK_SUCCESS);  // from the next memory type
  expect_pattern(target, 0, kMiB, 1);
}

TEST_P(Transfers, ALostDeviceIsAResultAndNoAbort) {
  const Allocation& target = buffer(kMiB);
  stage_.faults.fail(EntryPoint::queue_submit, 1, VK_ERROR_DEVICE_LOST);
  const VkResult uploaded = upload(target, kMiB, 1);
  EXPECT_EQ(uploaded, GetParam() == 0 ? VK_ERROR_DEVICE_LOST : VK_SUCCESS);
  EXPECT_EQ(transfer_->finish(), VK_ERROR_DEVICE_LOST);
  transfer_.reset();
}

// Who recorded a copy hears what became of it; one that was not taken in leaves its target.
TEST_P(Transfers, EachFaultOfCopyingRefusesTheCopyAndLeavesTheContents) {
  std::vector<std::pair<ObjectIndex, VkResult>> told;
  transfer_->on_submitted([&](std::span<const CopyNote> copies, VkResult result) {
    for (const CopyNote& copy : copies) told.emplace_back(copy.target, result);
  });
  for (const EntryPoint entry : {EntryPoint::begin_command_buffer, EntryPoint::end_command_buffer,
                                 EntryPoint::reset_fences, EntryPoint::queue_submit, EntryPoint::wait_for_fences}) {
    SCOPED_TRACE(kEntryPointNames[static_cast<std::size_t>(entry)]);
    const Allocation& from = buffer(4096);
    const Allocation& to = buffer(4096);
    ASSERT_EQ(upload(from, 4096, 1), VK_SUCCESS);
    ASSERT_EQ(upload(to, 4096, 2), VK_SUCCESS);
    ASSERT_EQ(transfer_->finish(), VK_SUCCESS);
    told.clear();
    stage_.faults.fail(entry, 1, VK_ERROR_OUT_OF_DEVICE_MEMORY);
    const VkResult copied =
        transfer_->copy_buffer(from.buffer(), to.buffer(), 4096, {.target = 7, .source = 6, .size = 4096});
    const VkResult finished = transfer_->finish();
    ASSERT_TRUE(stage_.faults.fired(entry));
    EXPECT_TRUE(copied != VK_SUCCESS || finished != VK_SUCCESS);
    const bool waits = entry == EntryPoint::wait_for_fences;
    if (copied == VK_SUCCESS) {
      EXPECT_THAT(told, testing::ElementsAre(std::pair(7u, waits ? VK_SUCCESS : VK_ERROR_OUT_OF_DEVICE_MEMORY)));
    } else {
      EXPECT_TRUE(told.empty());
    }
    expect_pattern(to, 0, 4096, waits ? 1 : 2);
  }
}

TEST_P(Transfers, AFaultOfReadingBackIsAResultAndALaterReadSucceeds) {
  const Allocation& target = buffer(4096);
  ASSERT_EQ(upload(target, 4096, 1), VK_SUCCESS);
  ASSERT_EQ(transfer_->finish(), VK_SUCCESS);
  const auto never = [](std::span<const std::byte>) { ADD_FAILURE() << "a look at nothing"; };
  for (const EntryPoint entry : {EntryPoint::create_command_pool, EntryPoint::create_fence,
                                 EntryPoint::begin_command_buffer, EntryPoint::end_command_buffer,
                                 EntryPoint::reset_fences, EntryPoint::queue_submit, EntryPoint::wait_for_fences}) {
    transfer_ = std::make_unique<Transfer>(stage_.limits.device(), stage_.raw, GetParam());
    stage_.faults.fail(entry, 1, VK_ERROR_OUT_OF_DEVICE_MEMORY);
    EXPECT_EQ(transfer_->read_buffer(target.buffer(), 0, 4096, never), VK_ERROR_OUT_OF_DEVICE_MEMORY);
    expect_pattern(target, 0, 4096, 1);
  }
}

// A device whose host memory is not coherent: staging is flushed, and a flush that fails gives the staging back.
TEST(TransferOnNonCoherentMemory, FlushesAndSurvivesAFailedFlush) {
  DeviceProfile profile = vkmembench::test_profile();
  profile.memory.memoryTypes[1].propertyFlags = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
  Stage stage(profile);
  const auto strategy = parse_strategy("dedicated").make(stage.raw);
  BufferRequest request;
  request.size = 5000;
  request.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  const Allocation target = *strategy->create_buffer(request);
  {
    Transfer transfer(stage.limits.device(), stage.raw, 2);
    const auto fill = [](std::span<std::byte> bytes, Offset offset) { Pattern(3).fill(bytes, offset); };
    stage.faults.fail(EntryPoint::flush_mapped_memory_ranges, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
    EXPECT_EQ(transfer.upload_buffer(target.buffer(), 5000, false, fill), VK_ERROR_OUT_OF_HOST_MEMORY);
    EXPECT_EQ(transfer.upload_buffer(target.buffer(), 5000, false, fill), VK_SUCCESS);
    EXPECT_EQ(transfer.staging_peak(), 64 * kKiB);  // one buffer served both
    EXPECT_EQ(transfer.read_buffer(
                  target.buffer(), 0, 5000,
                  [](std::span<const std::byte> bytes) { EXPECT_EQ(Pattern(3).mismatch(bytes, 0), std::nullopt); }),
              VK_SUCCESS);
  }
  strategy->destroy(target, 0);
  EXPECT_EQ(stage.leaks().total(), 0u);
}

// A story of uploads of all sizes to buffers and images, and of copies.
Trace uploads() {
  Story story(2);
  std::vector<ObjectIndex> objects;
  for (int frame = 0; frame < 6; ++frame) {
    story.frame();
    const ObjectIndex small = story.make(1000);
    const ObjectIndex large = story.make(300000);
    const ObjectIndex image = story.make_image(128, {VK_FORMAT_R8G8B8A8_UNORM}, 8);
    story.upload(small, 1000);
    story.upload(large, 300000);
    story.upload(image, 87380);
    story.copy(small, large, 500);
    objects.insert(objects.end(), {small, large, image});
  }
  story.frame();
  for (const ObjectIndex object : objects) story.free(object);
  return story.finish();
}

TEST(TransferThroughARing, ChecksOutAndReportsTheRing) {
  const Trace trace = uploads();
  Stage stage(replay_profile());
  Stage other(replay_profile());
  const Recording ring = stage.play(trace, "core-default{staging_ring_bytes=64KiB}");
  const Recording buffers = other.play(trace, "core-default");
  expect_clean(ring, stage);
  expect_clean(buffers, other);
  EXPECT_EQ(ring.staging_peak, 64 * kKiB);
  EXPECT_GT(buffers.staging_peak, 64 * kKiB);
  EXPECT_EQ(ring.copied_bytes, 6u * (1000 + 300000 + 87380 + 500));
  EXPECT_EQ(buffers.copied_bytes, ring.copied_bytes);
  EXPECT_GE(ring.staging_waits, 12u);  // both large ones of each frame
  EXPECT_EQ(buffers.staging_waits, 0u);
}

TEST(TransferThroughARing, ARingThatTheDeviceLacksIsHalved) {
  for (const EntryPoint entry : {EntryPoint::create_buffer, EntryPoint::map_memory}) {
    Stage stage(replay_profile());
    stage.faults.fail(entry, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
    const Recording recording = stage.play(uploads(), "core-default{staging_ring_bytes=1MiB}");
    EXPECT_TRUE(stage.faults.fired(entry));
    expect_clean(recording, stage);
    EXPECT_EQ(recording.staging_peak, 512 * kKiB);
  }
}

TEST(TransferThroughARing, WithoutTheSmallestRingEachUploadHasABuffer) {
  Stage stage(replay_profile());
  stage.faults.fail(EntryPoint::map_memory, 1, VK_ERROR_MEMORY_MAP_FAILED);
  const Recording recording = stage.play(uploads(), "core-default{staging_ring_bytes=64KiB,prewarm_blocks=1}");
  expect_clean(recording, stage);
  EXPECT_GT(recording.staging_peak, 64 * kKiB);
  EXPECT_TRUE(recording.failures.empty());
}

}  // namespace
}  // namespace vkmembench
