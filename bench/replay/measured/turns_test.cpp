#include "bench/replay/measured/turns.h"

#include <gtest/gtest.h>

#include "bench/replay/testing/replay_fixture.h"

namespace vkmembench {
namespace {

std::vector<std::uint32_t> of_objects(const Trace& trace) {
  std::vector<std::uint32_t> turns;
  for (const Turn& turn : turns_of(trace)) turns.push_back(turn.object);
  return turns;
}

TEST(Turns, UsesFollowTheCreationAndTheFreeFollowsAll) {
  Story story;
  const ObjectIndex own = story.make(100, MemoryUse::upload);
  story.write(own, 0, 100);
  story.read(own, 0, 100);
  story.touch(own);
  story.lane(1);
  story.free(own);
  EXPECT_EQ(of_objects(story.finish()), (std::vector<std::uint32_t>{0, 1, 1, 1, 4}));
}

TEST(Turns, LanesTouchAnObjectAtOnce) {
  Story story;
  const ObjectIndex object = story.make(100);
  for (std::uint16_t lane = 0; lane < 3; ++lane) {
    story.lane(lane);
    story.touch(object);
  }
  story.free(object);
  EXPECT_EQ(of_objects(story.finish()), (std::vector<std::uint32_t>{0, 1, 1, 1, 4}));
}

TEST(Turns, WhatSeveralLanesUseIsUsedInTheTracesOrder) {
  Story story;
  const ObjectIndex shared = story.make(100);
  const ObjectIndex own = story.make(100);
  story.lane(1);
  story.upload(shared, 100);
  story.lane(2);
  story.touch(shared);
  story.upload(own, 100);
  story.touch(own);
  story.lane(1);
  story.resize(shared, 200);
  story.free(shared);
  EXPECT_EQ(of_objects(story.finish()), (std::vector<std::uint32_t>{0, 0, 1, 2, 1, 1, 3, 4}));
}

TEST(Turns, WhatMayBeEvictedComesBackOnce) {
  Story story;
  Shape shape;
  shape.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
  shape.evictable = true;
  const ObjectIndex object = story.buffer(1, 100, story.shape(shape));
  story.touch(object);
  story.lane(1);
  story.touch(object);
  EXPECT_EQ(of_objects(story.finish()), (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(Turns, ACopyWaitsForBothItsObjects) {
  Story story;
  const ObjectIndex from = story.make_batch({100, 100});
  const ObjectIndex to = from + 1;
  story.upload(to, 100);
  story.lane(1);
  story.copy(from, to, 100);
  story.lane(0);
  story.touch(to);
  const std::vector<Turn> turns = turns_of(story.finish());
  ASSERT_EQ(turns.size(), 4u);
  EXPECT_EQ(turns[2].object, 1u);
  EXPECT_EQ(turns[2].target, 2u);
  EXPECT_EQ(turns[3].object, 3u);
}

}  // namespace
}  // namespace vkmembench
