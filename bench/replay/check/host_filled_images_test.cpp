// Bytes that the host writes to an image are no texels: they are read back as they were written.
#include <gtest/gtest.h>

#include "allocator/base/error.h"
#include "bench/replay/testing/replay_fixture.h"
#include "bench/run/devices.h"

namespace vkmembench {
namespace {

ObjectIndex make_mappable(Story& story, VkFormat format, const VkExtent3D& extent) {
  Shape shape;
  shape.image = true;
  shape.memory = MemoryUse::upload;
  shape.format = {format};
  shape.extent = extent;
  shape.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  return story.image(1, story.shape(shape));
}

// An image whose rows a driver pads.
Trace written_and_uploaded() {
  Story story;
  const ObjectIndex image = make_mappable(story, VK_FORMAT_R8G8B8A8_UNORM, {5, 2, 1});
  story.write(image, 0, 24);
  story.read(image, 0, 40);
  story.upload(image, 40);
  story.read(image, 0, 40);
  story.write(image, 8, 16);
  story.defragment({});
  for (int i = 0; i < 3; ++i) story.frame();
  story.read(image, 0, 40);
  return story.finish();
}

class HostFilledImagesOf : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Table, HostFilledImagesOf, testing::ValuesIn(preset_names()),
                         [](const auto& row) { return test_name(row.param); });
TEST_P(HostFilledImagesOf, AreReadAsTheyWereWritten) {
  const Trace trace = written_and_uploaded();
  {
    Stage stage(replay_profile());
    expect_clean(stage.play(trace, GetParam()), stage);
  }
  std::vector<DeviceChoice> choices;
  try {
    choices = select_devices("cpu");
  } catch (const Error&) {
    GTEST_SKIP() << "no CPU driver here";
  }
  const std::unique_ptr<DeviceOwner> owner = choices.front().open({});
  const Device raw = owner->device();
  LimitsLayer limits(raw);
  const Requests requests = resolve_requests(trace, raw);
  const StrategySpec spec = parse_strategy(GetParam());
  const Recording recording = replay(
      trace, requests, limits, raw, [&](const Device& device) { return spec.make(device); }, replay_options());
  EXPECT_TRUE(recording.violations.empty()) << testing::PrintToString(recording.violations);
}

// One whose format stands in has fewer bytes than the trace's: the host reads those.
TEST(HostFilledImages, HaveTheBytesOfTheFormatThatStandsIn) {
  DeviceProfile profile = replay_profile();
  profile.formats.insert(profile.formats.begin(), {{"D32_SFLOAT_S8_UINT"}, 0, 0, VK_SAMPLE_COUNT_1_BIT, 0});
  Story story;
  const ObjectIndex image = make_mappable(story, VK_FORMAT_D32_SFLOAT_S8_UINT, {256, 256, 1});
  story.read(image, 256, 5 * 256 * 256 - 256);
  story.read(image, 5 * 256 * 256 - 1, 1);
  const Trace trace = story.finish();
  for (const std::string& strategy : preset_names()) {
    if (strategy == "null") continue;
    Stage stage(profile);
    const Recording recording = stage.play(trace, strategy);
    expect_clean(recording, stage);
    const ResolvedShape& asked = stage.requests.shapes[trace.objects[image].shape];
    EXPECT_EQ(asked.image.format, VK_FORMAT_D24_UNORM_S8_UINT);
    EXPECT_LT(asked.image_bytes, 5u * 256 * 256);
    EXPECT_EQ(recording.lanes.front().skipped[static_cast<std::size_t>(Skip::unsupported)], 1u);
  }
}

// The copies of a frame run when it ends, and the host writes at once: what it may map is settled before.
TEST(SettledCopies, AreThoseIntoAliasesAndImagesToo) {
  Story story(1);
  const ObjectIndex target = story.make(64, MemoryUse::upload);
  const ObjectIndex alias = story.buffer(900, 64, story.shape_for(MemoryUse::device), target);
  story.upload(alias, 64);
  story.write(target, 0, 64);
  Shape shape;
  shape.image = true;
  shape.memory = MemoryUse::upload;
  shape.format = {VK_FORMAT_R8G8B8A8_UNORM};
  shape.extent = {4, 4, 1};
  shape.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  const ObjectIndex image = story.image(901, story.shape(shape));
  story.upload(image, 64);
  story.write(image, 0, 64);
  story.frame();
  story.read(target, 0, 64);
  story.read(image, 0, 64);
  const Trace trace = story.finish();
  for (const char* strategy : {"dedicated", "vma", "core-default"}) {
    Stage stage(replay_profile());
    expect_clean(stage.play(trace, strategy), stage);
  }
}

}  // namespace
}  // namespace vkmembench
