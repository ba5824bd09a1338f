// Copies from and to images carry what the source holds, and what one holds that was never filled is not known.
#include <gtest/gtest.h>

#include <array>

#include "allocator/base/error.h"
#include "bench/replay/testing/replay_fixture.h"
#include "bench/replay/testing/spy_strategy_fixture.h"
#include "bench/run/devices.h"

namespace vkmembench {
namespace {

Shape image_shape(VkFormat format, VkExtent3D extent, std::uint32_t mips = 1, std::uint32_t layers = 1) {
  Shape shape;
  shape.image = true;
  shape.format = {format};
  shape.extent = extent;
  shape.mips = mips;
  shape.layers = layers;
  shape.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  return shape;
}

const std::array kShapes = {image_shape(VK_FORMAT_R8G8B8A8_UNORM, {64, 64, 1}, 7, 3),
                            image_shape(VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, {64, 32, 1}, 1, 2),
                            image_shape(VK_FORMAT_BC7_UNORM_BLOCK, {60, 36, 1}, 6),
                            image_shape(VK_FORMAT_D32_SFLOAT, {40, 40, 1}, 6),
                            image_shape(VK_FORMAT_R8G8B8A8_UNORM, {8, 8, 8}, 4)};

// From a buffer through two images to another buffer that the host reads, all of it and parts; images move meanwhile.
Trace round_trips(std::uint32_t frames_in_flight) {
  Story story(frames_in_flight);
  story.frame();
  std::uint64_t id = 100;
  for (const Shape& shape : kShapes) {
    const ObjectIndex first = story.image(id++, story.shape(shape));
    const ObjectIndex hole = story.make(64 * kKiB);
    const ObjectIndex second = story.image(id++, story.shape(shape));
    const Bytes size = story.size_of(first);
    const ObjectIndex from = story.make(size, MemoryUse::upload);
    const ObjectIndex to = story.make(size, MemoryUse::readback);
    story.write(from, 0, size);
    story.copy(from, first, size);
    story.copy(first, second, size);
    story.copy(second, to, size);
    story.read(to, 0, size);
    story.frame();
    story.write(from, 1, size / 2);  // later parts stay
    story.copy(from, second, size / 2);
    story.copy(second, first, 1);
    story.free(hole);
    story.defragment({});
    for (int i = 0; i < 4; ++i) story.frame();
    story.copy(first, to, size);
    story.read(to, 0, size);
    for (const ObjectIndex object : {first, second, from, to}) story.free(object);
    story.frame();
  }
  return story.finish();
}

class ImageCopies : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Table, ImageCopies, testing::ValuesIn(preset_names()),
                         [](const auto& row) { return test_name(row.param); });
TEST_P(ImageCopies, CarryWhatTheSourceHolds) {
  for (const std::uint32_t in_flight : {0u, 2u}) {
    const Trace trace = round_trips(in_flight);
    for (const bool concurrent : {false, true}) {
      Stage stage(replay_profile());
      const Recording recording = stage.play(trace, GetParam(), replay_options(concurrent));
      expect_clean(recording, stage);
      EXPECT_TRUE(recording.failures.empty());
    }
  }
}

TEST_P(ImageCopies, OfADriver) {
  std::vector<DeviceChoice> choices;
  try {
    choices = select_devices("cpu");
  } catch (const Error&) {
    GTEST_SKIP() << "no CPU driver here";
  }
  const Trace trace = round_trips(1);
  const std::unique_ptr<DeviceOwner> owner = choices.front().open({});
  const Device raw = owner->device();
  LimitsLayer limits(raw);
  const Requests requests = resolve_requests(trace, raw);
  const StrategySpec spec = parse_strategy(GetParam());
  const Recording recording = replay(
      trace, requests, limits, raw, [&](const Device& device) { return spec.make(device); }, replay_options());
  EXPECT_TRUE(recording.violations.empty()) << testing::PrintToString(recording.violations);
  EXPECT_TRUE(recording.failures.empty());
}

std::uint64_t corruptions(const Recording& recording) {
  const auto found = recording.violation_counts.find("contents");
  return found == recording.violation_counts.end() ? 0 : found->second;
}

// Flips a byte as the host flushes: in the source, whose copy has it too.
class Flips : public PassingStrategy {
 public:
  Flips(std::unique_ptr<Strategy> below, Offset at) : PassingStrategy(std::move(below)), at_(at) {}
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override {
    (*below_->map(allocation))[at_] ^= std::byte{1};
    below_->unmap(allocation);
    return below_->flush(allocation, offset, size);
  }

 private:
  Offset at_;
};

// 1024, 256 and 64 bytes, of which the first 1100 are known: a byte of a mip that is known in part is looked at too.
TEST(ImageCopiesCheck, FindsACorruptedSourceInTheImage) {
  for (const Offset at : {Offset{0}, Offset{1023}, Offset{1024}, Offset{1099}, Offset{1100}, Offset{1300}}) {
    Story story;
    const ObjectIndex from = story.make(1344, MemoryUse::upload);
    const ObjectIndex first = story.make_image(16, {VK_FORMAT_R8G8B8A8_UNORM}, 3);
    const ObjectIndex second = story.make_image(16, {VK_FORMAT_R8G8B8A8_UNORM}, 3);
    story.write(from, 0, 1100);
    story.copy(from, first, 1344);
    story.copy(first, second, 1344);
    story.free(second);
    const Trace trace = story.finish();
    Stage stage(replay_profile());
    const Recording recording = stage.play(trace, [&](const Device& device) {
      return std::make_unique<Flips>(parse_strategy("dedicated").make(device), at);
    });
    EXPECT_EQ(corruptions(recording), at < 1100 ? 3u : 0u) << at << testing::PrintToString(recording.violations);
  }
}

// Neither image was filled; what the host writes to one is no texels.
TEST(ImageCopiesCheck, KnowsNothingOfWhatWasNeverLaidOut) {
  Story story;
  const ObjectIndex never = story.make_image(16);
  const ObjectIndex target = story.make_image(16);
  const ObjectIndex buffer = story.make(1024, MemoryUse::readback);
  Shape shape = image_shape(VK_FORMAT_R8G8B8A8_UNORM, {5, 2, 1});
  shape.memory = MemoryUse::upload;
  const ObjectIndex written = story.image(900, story.shape(shape));
  const ObjectIndex other = story.image(901, story.shape(shape));
  story.upload(target, 1024);
  story.write(buffer, 0, 1024);
  story.copy(never, target, 1024);
  story.read(buffer, 0, 1024);
  story.copy(target, buffer, 1024);
  story.read(buffer, 0, 1024);
  story.write(buffer, 0, 1024);
  story.write(written, 0, 40);
  story.copy(written, buffer, 40);  // gets its layout
  story.write(written, 0, 40);
  story.copy(written, other, 40);
  story.copy(written, buffer, 40);
  story.read(buffer, 0, 1024);
  story.copy(buffer, written, 40);
  story.read(written, 0, 40);
  const Trace trace = story.finish();
  for (const std::string& strategy : preset_names()) {
    Stage stage(replay_profile());
    expect_clean(stage.play(trace, strategy), stage);
  }
}

// A device stands in with other texels: nothing that the trace's bytes would fit.
TEST(ImageCopiesCheck, LeavesOutWhatItsFormatsDoNotTake) {
  DeviceProfile profile = replay_profile();
  profile.formats.insert(profile.formats.begin(), {{"R8G8B8_UNORM"}, 0, 0, VK_SAMPLE_COUNT_1_BIT, 0});
  Story story;
  const ObjectIndex image = story.make_image(8, {VK_FORMAT_R8G8B8_UNORM});
  const ObjectIndex alike = story.make_image(8, {VK_FORMAT_R8G8B8_UNORM});
  const ObjectIndex small = story.make(192, MemoryUse::upload);  // with a fourth component 256
  const ObjectIndex large = story.make(256, MemoryUse::upload);
  story.write(large, 0, 256);
  story.copy(small, image, 192);
  story.copy(large, image, 192);
  story.copy(image, alike, 192);
  const Trace trace = story.finish();
  Stage stage(profile);
  const Recording recording = stage.play(trace, "core-default");
  expect_clean(recording, stage);
  const auto run = stage.summary(trace, recording);
  EXPECT_EQ(stage.requests.shapes[trace.objects[image].shape].image.format, VK_FORMAT_R8G8B8A8_UNORM);
  EXPECT_EQ(count_of(run, "alloc.skipped_count", "unsupported"), 1u);
  EXPECT_EQ(count_of(run, "copy.bytes"), 2u * 256);
}

// One that has depth and stencil, which copy apart.
TEST(ImageCopiesCheck, LeavesOutWhatStandsInWithTwoAspects) {
  DeviceProfile profile = replay_profile();
  profile.formats.insert(profile.formats.begin(), {{"S8_UINT"}, 0, 0, VK_SAMPLE_COUNT_1_BIT, 0});
  Story story;
  const ObjectIndex image = story.make_image(8, {VK_FORMAT_S8_UINT});
  const ObjectIndex alike = story.make_image(8, {VK_FORMAT_S8_UINT});
  const ObjectIndex buffer = story.make(kMiB);
  story.upload(image, 64);
  story.copy(buffer, image, 64);
  story.copy(image, buffer, 64);
  story.copy(image, alike, 64);
  const Trace trace = story.finish();
  Stage stage(profile);
  const Recording recording = stage.play(trace, "core-default");
  expect_clean(recording, stage);
  const auto run = stage.summary(trace, recording);
  EXPECT_EQ(stage.requests.shapes[trace.objects[image].shape].image.format, VK_FORMAT_D24_UNORM_S8_UINT);
  EXPECT_EQ(count_of(run, "alloc.skipped_count", "unsupported"), 4u);
}

// An image that gets its layout by being copied from overwrites what shares its memory.
TEST(ImageCopiesCheck, TakesALayoutForAWrite) {
  Story story;
  const ObjectIndex owner = story.make(kMiB);
  const ObjectIndex image = story.image(900, story.shape(image_shape(VK_FORMAT_R8G8B8A8_UNORM, {64, 64, 1})), owner);
  const ObjectIndex target = story.make(kMiB);
  story.upload(owner, kMiB);
  story.copy(image, target, 16384);
  story.copy(owner, target, kMiB);
  story.free(target);
  const Trace trace = story.finish();
  for (const std::string& strategy : preset_names()) {
    Stage stage(replay_profile());
    expect_clean(stage.play(trace, strategy), stage);
  }
}

}  // namespace
}  // namespace vkmembench
