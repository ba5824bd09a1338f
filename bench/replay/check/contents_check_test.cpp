// Corruption planted in a strategy's memory: the check of contents must find it, wherever the bytes went.
#include <gtest/gtest.h>

#include "allocator/seam/basic_strategy.h"
#include "bench/replay/testing/replay_fixture.h"
#include "bench/replay/testing/spy_strategy_fixture.h"

namespace vkmembench {
namespace {

std::unique_ptr<Strategy> dedicated(const Device& device) { return parse_strategy("dedicated").make(device); }

// Flips a byte of each mapped object as it is flushed.
class FlipsOnFlush : public PassingStrategy {
 public:
  FlipsOnFlush(std::unique_ptr<Strategy> below, Offset at) : PassingStrategy(std::move(below)), at_(at) {}
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override {
    std::byte* bytes = *below_->map(allocation);
    bytes[at_] ^= std::byte{1};
    below_->unmap(allocation);
    return below_->flush(allocation, offset, size);
  }

 private:
  Offset at_;
};

// Puts every image of a memory type at the start of one block, every buffer there too, or elsewhere.
class Heap0 : public BasicStrategy {
 public:
  explicit Heap0(const Device& device, Offset buffers_at = 0)
      : device_(device), orders_(order_memory_types(device.info->memory)), buffers_at_(buffers_at) {}
  ~Heap0() override {
    for (const auto& [type, memory] : blocks_) device_.fn.free_memory(device_.handle, memory, nullptr);
  }
  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    const VkBufferCreateInfo info = create_info(request);
    VkBuffer buffer = VK_NULL_HANDLE;
    device_.fn.create_buffer(device_.handle, &info, nullptr, &buffer);
    VkMemoryRequirements required{};
    device_.fn.get_buffer_memory_requirements(device_.handle, buffer, &required);
    Allocation made = place(required, request.memory.use);
    made.offset = buffers_at_;
    device_.fn.bind_buffer_memory(device_.handle, buffer, made.memory, made.offset);
    made.resource = reinterpret_cast<std::uint64_t>(buffer);
    return made;
  }
  Expected<Allocation> create_image(const ImageRequest& request) override {
    const VkImageCreateInfo info = create_info(request);
    VkImage image = VK_NULL_HANDLE;
    device_.fn.create_image(device_.handle, &info, nullptr, &image);
    VkMemoryRequirements required{};
    device_.fn.get_image_memory_requirements(device_.handle, image, &required);
    Allocation made = place(required, request.memory.use);
    device_.fn.bind_image_memory(device_.handle, image, made.memory, 0);
    made.resource = reinterpret_cast<std::uint64_t>(image);
    made.image = true;
    return made;
  }
  void destroy(const Allocation& allocation, std::uint16_t) override {
    if (allocation.image)
      device_.fn.destroy_image(device_.handle, allocation.as_image(), nullptr);
    else
      device_.fn.destroy_buffer(device_.handle, allocation.buffer(), nullptr);
  }
  Expected<std::byte*> map(const Allocation&) override { return VK_ERROR_MEMORY_MAP_FAILED; }
  void unmap(const Allocation&) override {}
  VkResult flush(const Allocation&, Offset, Bytes) override { return VK_SUCCESS; }
  VkResult invalidate(const Allocation&, Offset, Bytes) override { return VK_SUCCESS; }

 private:
  Allocation place(const VkMemoryRequirements& required, MemoryUse use) {
    const auto type = static_cast<std::uint32_t>(orders_[static_cast<std::size_t>(use)].pick(required.memoryTypeBits));
    VkDeviceMemory& memory = blocks_[type];
    if (memory == VK_NULL_HANDLE) {
      const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, kMiB, type};
      device_.fn.allocate_memory(device_.handle, &info, nullptr, &memory);
    }
    Allocation made;
    made.memory = memory;
    made.charged = required.size;
    made.memory_type = static_cast<std::uint8_t>(type);
    return made;
  }
  Device device_;
  MemoryTypeOrders orders_;
  Offset buffers_at_;
  std::map<std::uint32_t, VkDeviceMemory> blocks_;
};

std::uint64_t corruptions(const Recording& recording) {
  const auto found = recording.violation_counts.find("contents");
  return found == recording.violation_counts.end() ? 0 : found->second;
}

TEST(ContentsCheck, FindsNothingInSoundMemory) {
  Story story(1);
  const ObjectIndex host = story.make(1000, MemoryUse::upload);
  const ObjectIndex device = story.make(2000);
  const ObjectIndex back = story.make(3000, MemoryUse::readback);
  const ObjectIndex image = story.make_image(32, {VK_FORMAT_R8G8B8A8_UNORM}, 4);
  story.write(host, 10, 900);
  story.upload(device, 2000);
  story.upload(image, story.size_of(image));
  story.copy(device, back, 1500);
  story.copy(host, device, 500);
  story.copy(device, back, 100);
  story.read(back, 0, 3000);
  story.read(back, 50, 60);
  story.write(back, 200, 10);
  story.frame();
  story.read(host, 0, 1000);
  story.upload(image, 10);
  for (const ObjectIndex object : {host, device, back, image}) story.free(object);
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording = stage.play(trace, "dedicated");
  expect_clean(recording, stage);
  EXPECT_TRUE(recording.failures.empty());
}

// A flush writes whole atoms back: bytes beside a write that came from the device must survive it.
TEST(ContentsCheck, KeepsWhatTheDeviceWroteBesideAWriteOfTheHost) {
  DeviceProfile profile = replay_profile();
  profile.memory.memoryTypes[1].propertyFlags = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;  // not coherent
  Story story(1);
  const ObjectIndex source = story.make(1000);
  story.upload(source, 1000);
  for (const MemoryUse use : {MemoryUse::upload, MemoryUse::readback}) {
    const ObjectIndex uploaded = story.make(1000, use);
    const ObjectIndex copied = story.make(1000, use);
    story.upload(uploaded, 1000);
    story.copy(source, copied, 1000);
    for (const ObjectIndex object : {uploaded, copied}) {
      story.write(object, 100, 10);
      story.read(object, 0, 1000);
    }
  }
  const Trace trace = story.finish();
  for (const std::string& strategy : preset_names()) {
    Stage stage(profile);
    expect_clean(stage.play(trace, strategy), stage);
  }
}

// So must those that came along when the object got another place.
TEST(ContentsCheck, KeepsWhatAResizeCopiedBesideAWriteOfTheHost) {
  DeviceProfile profile = replay_profile();
  profile.memory.memoryTypes[1].propertyFlags = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;  // not coherent
  Story story(1);
  for (const MemoryUse use : {MemoryUse::upload, MemoryUse::readback}) {
    const ObjectIndex object = story.make(4096, use);
    story.write(object, 0, 4096);
    story.resize(object, 8192);
    story.write(object, 100, 8);
    story.read(object, 0, 8192);
  }
  const Trace trace = story.finish();
  for (const std::string& strategy : preset_names()) {
    Stage stage(profile);
    expect_clean(stage.play(trace, strategy), stage);
  }
}

class FlippedByte : public testing::TestWithParam<Offset> {};
INSTANTIATE_TEST_SUITE_P(Table, FlippedByte, testing::Values(0, 1, 499, 999));
TEST_P(FlippedByte, IsFoundWhenReadAndWhenFreed) {
  Story story;
  const ObjectIndex object = story.make(1000, MemoryUse::upload);
  story.write(object, 0, 1000);
  story.read(object, GetParam(), 1);
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording = stage.play(
      trace, [&](const Device& device) { return std::make_unique<FlipsOnFlush>(dedicated(device), GetParam()); });
  EXPECT_EQ(corruptions(recording), 2u);
  ASSERT_EQ(recording.violations.size(), 2u);
  EXPECT_EQ(recording.violations.front(),
            "contents: object 1 (buffer) differs at byte " + std::to_string(GetParam()) + " of 1000");
}

TEST(ContentsCheck, FindsACorruptedSourceInTheTargetOfItsCopy) {
  Story story;
  const ObjectIndex from = story.make(1000, MemoryUse::upload);
  const ObjectIndex to = story.make(1000);
  story.write(from, 0, 1000);
  story.copy(from, to, 600);
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording =
      stage.play(trace, [&](const Device& device) { return std::make_unique<FlipsOnFlush>(dedicated(device), 500); });
  EXPECT_EQ(corruptions(recording), 2u);
}

TEST(ContentsCheck, LooksOnlyAtWhatIsKnown) {
  Story story;
  const ObjectIndex object = story.make(1000, MemoryUse::upload);
  story.write(object, 0, 500);
  story.read(object, 0, 1000);
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording =
      stage.play(trace, [&](const Device& device) { return std::make_unique<FlipsOnFlush>(dedicated(device), 700); });
  EXPECT_EQ(corruptions(recording), 0u);
}

// Device-local bytes that share a place: buffers, a buffer and an image, two images.
TEST(ContentsCheck, FindsResourcesThatOverwriteEachOther) {
  for (const int images : {0, 1, 2}) {
    Story story;
    const ObjectIndex first = images > 0 ? story.make_image(16) : story.make(1024);
    const ObjectIndex second = images > 1 ? story.make_image(16) : story.make(1024);
    story.upload(first, 1024);
    story.upload(second, 1024);
    story.free(first);
    story.free(second);
    const Trace trace = story.finish();
    Stage stage(replay_profile());
    const Recording recording = stage.play(trace, [](const Device& device) { return std::make_unique<Heap0>(device); });
    EXPECT_EQ(corruptions(recording), 1u) << images << " images: " << testing::PrintToString(recording.violations);
    EXPECT_EQ(recording.violation_counts.at("overlap"), 1u);
    EXPECT_EQ(stage.leaks().total(), 0u);
  }
}

// A plane of 64 x 64 bytes, one of 32 x 32 pairs, and what follows them.
TEST(ContentsCheck, FindsCorruptionInEachPlane) {
  for (const Offset at : {Offset{0}, Offset{2048}, Offset{4096}, Offset{5120}, Offset{6144}}) {
    Story story;
    const ObjectIndex image = story.make_image(64, {VK_FORMAT_G8_B8R8_2PLANE_420_UNORM});
    ASSERT_EQ(story.size_of(image), 6144u);
    story.upload(image, 6144);
    const ObjectIndex buffer = story.make(256);
    story.upload(buffer, 256);
    story.free(image);
    const Trace trace = story.finish();
    Stage stage(replay_profile());
    const Recording recording =
        stage.play(trace, [&](const Device& device) { return std::make_unique<Heap0>(device, at); });
    EXPECT_EQ(corruptions(recording), at < 6144 ? 1u : 0u) << at << testing::PrintToString(recording.violations);
  }
}

TEST(ContentsCheck, WithoutItNothingIsRead) {
  Story story;
  const ObjectIndex object = story.make(1000, MemoryUse::upload);
  story.write(object, 0, 1000);
  story.read(object, 0, 1000);
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording = stage.play(
      trace, [&](const Device& device) { return std::make_unique<FlipsOnFlush>(dedicated(device), 1); },
      replay_options(false, false));
  EXPECT_TRUE(recording.violation_counts.empty());
}

// A refused resize leaves the object as it was; what the trace does beyond is left out.
TEST(Replay, KeepsToTheBytesThatAnObjectHas) {
  for (const bool check : {false, true}) {
    Story story(1);
    const ObjectIndex grown = story.make(100, MemoryUse::upload);
    const ObjectIndex neighbour = story.make(100, MemoryUse::upload);
    story.write(neighbour, 0, 100);
    story.resize(grown, 2 * kMiB);
    story.write(grown, 50, kMiB);
    story.write(grown, kMiB, 10);
    story.read(grown, 0, 2 * kMiB);
    story.read(grown, 100, 1);
    story.upload(grown, kMiB);
    const ObjectIndex target = story.make(2 * kMiB);
    story.copy(grown, target, 2 * kMiB);
    story.copy(target, grown, kMiB);
    story.read(neighbour, 0, 100);
    const Trace trace = story.finish();
    Stage stage(replay_profile());
    const Recording recording = stage.play(trace, plain_dedicated, replay_options(false, check));
    expect_clean(recording, stage);
    const auto run = stage.summary(trace, recording);
    EXPECT_EQ(count_of(run, "alloc.skipped_count", "not_offered"), 1u);
    EXPECT_EQ(count_of(run, "alloc.skipped_count", "refused"), 2u);
    EXPECT_EQ(count_of(run, "copy.bytes"), 300u);
  }
}

// An image in mapped memory that the host wrote: no strategy may move it without its bytes, and the checks must not
// blame one that keeps them.
TEST(Replay, KeepsWhatTheHostWroteToAnImageThroughDefragmentation) {
  Story story;
  story.frame();
  const ObjectIndex hole = story.make(kMiB, MemoryUse::readback);
  Shape shape;
  shape.image = true;
  shape.format = {VK_FORMAT_R8G8B8A8_UNORM};
  shape.extent = {64, 64, 1};
  shape.mips = 3;
  shape.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  shape.memory = MemoryUse::readback;
  const ObjectIndex image = story.image(900, story.shape(shape));
  story.free(hole);
  story.frame();
  story.write(image, 100, 50);
  story.defragment({});
  for (int i = 0; i < 4; ++i) story.frame();
  const Trace trace = story.finish();
  DeviceProfile profile = replay_profile();
  for (ImageRule& rule : profile.images) rule.answer.prefers_dedicated = false;
  for (const std::string& strategy : preset_names()) {
    if (strategy == "null") continue;
    Stage stage(profile);
    expect_clean(stage.play(trace, strategy), stage);
  }
}

// An upload in the last frame is under way when the end destroys what it fills.
TEST(Replay, FinishesItsCopiesBeforeTheEnd) {
  for (const std::uint32_t in_flight : {0u, 1u, 3u}) {
    for (const bool concurrent : {false, true}) {
      Story story(in_flight);
      story.frame();
      const ObjectIndex freed = story.make(1000);
      const ObjectIndex kept = story.make_image(16);
      story.upload(freed, 1000);
      story.upload(kept, 1024);
      story.free(freed);
      const Trace trace = story.finish();
      Stage stage(replay_profile());
      expect_clean(stage.play(trace, "core-default", replay_options(concurrent, false)), stage);
    }
  }
}

}  // namespace
}  // namespace vkmembench
