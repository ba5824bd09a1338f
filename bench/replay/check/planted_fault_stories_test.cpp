// Every planted fault shows in an ordinary trace, as the kind that it is.
#include "bench/replay/check/planted_fault_stories_test.h"

#include <gtest/gtest.h>

#include "allocator/testing/planted_faults_fixture.h"
#include "bench/replay/testing/replay_fixture.h"
#include "scenarios/random/random_trace_test.h"

namespace vkmembench {

Trace telling_story() {
  Story story;
  story.frame();
  for (const MemoryUse use : {MemoryUse::device, MemoryUse::upload}) {
    const ObjectIndex first = story.make(200 * kKiB, use);
    story.make(56 * kKiB + 16, use);  // 16 bytes too many for a block of 256 KiB
    story.free(first);
  }
  const ObjectIndex low = story.make(100, MemoryUse::readback);
  story.make(100, MemoryUse::readback);
  story.free(low);
  Shape aligned;
  aligned.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  aligned.alignment = 4096;
  const ObjectIndex hole = story.make(1000);
  const ObjectIndex high = story.buffer(900, 100, story.shape(aligned));
  story.buffer(901, 100, story.shape(aligned));
  const ObjectIndex image = story.make_image(32);
  story.make(100);
  Shape transient;
  transient.image = true;
  transient.format = {VK_FORMAT_R8G8B8A8_UNORM};
  transient.extent = {16, 16, 1};
  transient.usage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT;
  transient.memory = MemoryUse::transient;
  story.image(902, story.shape(transient));
  story.upload(high, 100);
  story.upload(image, story.size_of(image));

  const ObjectIndex written = story.make(1000, MemoryUse::upload);
  for (int i = 0; i < 2; ++i) story.write(written, 10, 900);
  story.read(written, 0, 1000);
  const ObjectIndex target = story.make(1000, MemoryUse::readback);
  story.copy(written, target, 900);
  story.read(target, 0, 1000);
  const ObjectIndex shared = story.make(2000);
  const ObjectIndex alias = story.buffer(903, 2000, story.shape_for(MemoryUse::device), shared);
  const ObjectIndex last = story.buffer(904, 700, story.shape_for(MemoryUse::device), {alias, 1024});
  story.upload(shared, 2000);
  story.upload(last, 700);
  story.free(alias);
  story.free(shared);
  story.make(2000);
  story.free(last);
  story.resize(high, 200);
  story.resize(written, 2000);
  story.read(written, 0, 1000);

  story.free(hole);
  story.defragment({});
  for (int i = 0; i < 2; ++i) story.frame();
  for (int i = 0; i < 3; ++i) story.make(100);
  return story.finish();
}

namespace {

class PlantedFaults : public testing::TestWithParam<PlantedFault> {};
INSTANTIATE_TEST_SUITE_P(Table, PlantedFaults, testing::ValuesIn(planted_faults().begin(), planted_faults().end()),
                         [](const auto& row) { return std::string(row.param.name); });
TEST_P(PlantedFaults, ShowAsWhatTheyAre) {
  const Trace trace = telling_story();
  Stage stage(planted_profile());
  const Recording recording = stage.play(trace, [&](const Device& device) { return make_toy(device, GetParam().bug); });
  EXPECT_TRUE(recording.violation_counts.contains(std::string(violation_name(GetParam().kind))))
      << testing::PrintToString(recording.violations);
  EXPECT_FALSE(recording.violation_counts.contains("harness")) << testing::PrintToString(recording.violations);
}

TEST(PlantedFaults, AreAllThatIsWrongWithTheToy) {
  const auto toy = [](const Device& device) { return make_toy(device, Bug::none); };
  {
    Stage stage(planted_profile());
    expect_clean(stage.play(telling_story(), toy), stage);
  }
  for (const bool concurrent : {false, true}) {
    Stage stage(planted_profile());
    expect_clean(stage.play(random_trace(7, 4000), toy, replay_options(concurrent)), stage);
  }
}

}  // namespace
}  // namespace vkmembench
