#include "bench/stress/shrink.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bench/replay/testing/replay_fixture.h"

namespace vkmembench {
namespace {

Trace three_buffers() {
  Story story(2);
  story.lane(3);
  for (int i = 0; i < 3; ++i) story.touch(story.make(1000 + static_cast<Bytes>(i), MemoryUse::dynamic));
  story.make_batch({10, 20, 5000, 30});
  return story.finish();
}

TEST(Shrink, LeavesOutAndSimplifiesWhatDoesNotMatter) {
  const Shrunk shrunk = shrink(
      three_buffers(),
      [](const Trace& trace) {
        return std::ranges::any_of(trace.objects, [](const TraceObject& object) { return object.size >= 4000; });
      },
      [] { return false; });
  EXPECT_TRUE(shrunk.whole);
  ASSERT_EQ(shrunk.trace.events.size(), 1u);
  EXPECT_EQ(shrunk.trace.events[0].op, Op::buffer);
  EXPECT_EQ(shrunk.trace.objects[0].size, 4096u);
  EXPECT_EQ(shrunk.trace.shapes[0].memory, MemoryUse::device);
  EXPECT_EQ(shrunk.trace.lane_count, 1u);
  EXPECT_EQ(shrunk.trace.frames_in_flight, 0u);
}

TEST(Shrink, SaysWhenTimeWasUp) {
  int looks = 0;
  const Shrunk shrunk = shrink(
      three_buffers(), [](const Trace&) { return true; }, [&] { return ++looks > 2; });
  EXPECT_FALSE(shrunk.whole);
  EXPECT_FALSE(shrunk.trace.events.empty());
}

// What fails by luck stays as it is.
TEST(Shrink, KeepsWhatDoesNotFailAgain) {
  const Trace trace = three_buffers();
  const Shrunk shrunk = shrink(
      trace, [](const Trace&) { return false; }, [] { return false; });
  EXPECT_FALSE(shrunk.whole);
  EXPECT_EQ(shrunk.trace.hash, trace.hash);
}

}  // namespace
}  // namespace vkmembench
