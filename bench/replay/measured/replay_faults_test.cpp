// Fails each driver call of a replay in turn, below the limits: every strategy and the harness go on with what they
// have.
#include <gtest/gtest.h>

#include "bench/replay/testing/replay_fixture.h"

namespace vkmembench {
namespace {

// Every op that calls a driver, on memory of several kinds; small, for it is replayed once for each call.
Trace course() {
  Story story(1);
  story.frame();
  const ObjectIndex host = story.make(5000, MemoryUse::upload);
  const ObjectIndex back = story.make(3000, MemoryUse::readback);
  const ObjectIndex device = story.make(100 * kKiB);
  const ObjectIndex big = story.make(4 * kMiB);
  const ObjectIndex image = story.make_image(64, {VK_FORMAT_R8G8B8A8_UNORM}, 3);
  const ObjectIndex batch = story.make_batch({64, 2 * kMiB, 4096}, MemoryUse::upload);
  story.write(host, 0, 5000);
  story.write(back, 100, 50);
  story.upload(device, 1000);
  story.upload(image, 1000);
  story.copy(device, back, 500);
  story.frame();
  for (ObjectIndex i = 0; i < 3; ++i) story.write(batch + i, 0, 64);
  story.read(back, 0, 3000);
  story.copy(host, big, 4000);
  story.free(batch + 1);
  story.free(image);
  story.frame();
  const ObjectIndex late = story.make(2 * kMiB, MemoryUse::dynamic);
  story.write(late, 77, 1000);
  story.free(host);
  story.frame();
  return story.finish();
}

class ReplayFaults : public testing::TestWithParam<std::tuple<std::string, bool>> {};
INSTANTIATE_TEST_SUITE_P(Table, ReplayFaults, testing::Combine(testing::ValuesIn(preset_names()), testing::Bool()),
                         [](const auto& row) {
                           return test_name(std::get<0>(row.param)) + (std::get<1>(row.param) ? "_coherent" : "");
                         });
TEST_P(ReplayFaults, AreRefusalsOrFailuresAndNoMore) {
  const auto& [strategy, coherent] = GetParam();
  DeviceProfile profile = replay_profile();
  profile.limits.maxMemoryAllocationCount = 4096;
  if (!coherent) profile.memory.memoryTypes[1].propertyFlags = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
  const Trace trace = course();
  std::size_t fired = 0;
  for (const FallibleCall& fallible : kFallible) {
    const EntryPoint entry = fallible.entry;
    for (std::uint64_t n = 1;; ++n) {
      Stage stage(profile);
      stage.faults.fail(entry, n, n % 2 == 0 ? VK_ERROR_OUT_OF_HOST_MEMORY : VK_ERROR_OUT_OF_DEVICE_MEMORY);
      const Recording recording = stage.play(trace, strategy);
      SCOPED_TRACE("call " + std::to_string(n) + " of " +
                   std::string(kEntryPointNames[static_cast<std::size_t>(entry)]));
      ASSERT_NO_FATAL_FAILURE(expect_clean(recording, stage));
      EXPECT_EQ(recording.end, ReplayEnd::done);
      const auto run = stage.summary(trace, recording);
      EXPECT_EQ(run.status, Status::ok);
      const std::uint64_t refused = count_of(run, "alloc.failed_count");
      EXPECT_EQ(count_of(run, "alloc.count") + refused, 9u);
      EXPECT_EQ(count_of(run, "free.count") + refused, 9u);
      EXPECT_LE(refused, 3u);  // a batch at most
      if (!stage.faults.fired(entry)) {
        EXPECT_EQ(refused, 0u);
        EXPECT_TRUE(recording.failures.empty());
        break;
      }
      if (entry == EntryPoint::create_image) {
        EXPECT_EQ(refused + recording.failures.size() + run.events.size() > 0, true);
      }
      ++fired;
      ASSERT_LT(n, 300u);
    }
  }
  EXPECT_GE(fired, strategy == "null" ? 0u : 30u);
}

}  // namespace
}  // namespace vkmembench
