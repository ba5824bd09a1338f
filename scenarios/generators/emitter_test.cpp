#include "scenarios/generators/emitter.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/generators/frame_loop.h"
#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

class EmitterTest : public ::testing::Test {
 protected:
  Emitter emitter(double scale, Bytes bound = 0) {
    values_ = std::make_unique<TestValues>(generators().front(),
                                           Overrides{{"scale", scale}, {"max_live_bytes", static_cast<double>(bound)}});
    return {values_->values(), out_};
  }
  std::uint32_t shape(MemoryUse memory = MemoryUse::device) {
    return intern(out_, BufferShape{.kind = BufferKind::vertex, .memory = memory, .tag = "t"});
  }

  std::unique_ptr<TestValues> values_;
  TraceBuilder out_{2};
};

TEST_F(EmitterTest, ScalesAndNeverToNothing) {
  EXPECT_EQ(emitter(1).scaled(530), 530u);
  EXPECT_EQ(emitter(0.01).scaled(530), 5u);
  EXPECT_EQ(emitter(0.01).scaled(1), 1u);
  EXPECT_EQ(emitter(0.01).scaled(150), 2u) << "rounded, not cut";
  EXPECT_EQ(emitter(100).scaled(64 * kGiB), 6400 * kGiB);
  EXPECT_EQ(emitter(1.0 / 3).scaled(3000), 1000u);
}

TEST_F(EmitterTest, ShrinksExtentsWithTheScale) {
  EXPECT_EQ(emitter(100).extent_shift(), 0u);
  EXPECT_EQ(emitter(1).extent_shift(), 0u);
  EXPECT_EQ(emitter(0.5).extent_shift(), 1u);
  EXPECT_EQ(emitter(0.25).extent_shift(), 1u);
  EXPECT_EQ(emitter(0.01).extent_shift(), 4u);
}

TEST_F(EmitterTest, RefusesWhatExceedsTheBound) {
  Emitter bounded = emitter(1, 1000);
  const ObjectIndex first = bounded.buffer(600, shape());
  ASSERT_NE(first, kNoObject);
  EXPECT_EQ(bounded.buffer(401, shape()), kNoObject);
  EXPECT_NE(bounded.buffer(400, shape()), kNoObject) << "the bound itself is allowed";
  bounded.free(first);
  EXPECT_NE(bounded.buffer(600, shape()), kNoObject);
}

TEST_F(EmitterTest, EventsOnNoObjectAreLeftOut) {
  Emitter all = emitter(1);
  all.free(kNoObject);
  all.upload(kNoObject);
  all.write(kNoObject);
  all.touch(kNoObject);
  all.mark(kNoObject);
  all.write(kNoObject, 0, 1);
  all.copy(kNoObject, kNoObject, 1);
  all.bind(kNoObject);
  all.unbind(kNoObject);
  EXPECT_FALSE(all.resize(kNoObject, 1));
  EXPECT_EQ(all.alias(ImageShape{}, kNoObject), kNoObject);
  EXPECT_TRUE(out_.trace().events.empty());
}

TEST_F(EmitterTest, GrowsOnlyWithinTheBound) {
  Emitter bounded = emitter(1, 1000);
  const ObjectIndex object = bounded.buffer(600, shape());
  EXPECT_FALSE(bounded.resize(object, 1001));
  EXPECT_EQ(out_.size_of(object), 600u);
  EXPECT_TRUE(bounded.resize(object, 1000));
  EXPECT_TRUE(bounded.resize(object, 10)) << "shrinking always fits";
  EXPECT_NE(bounded.buffer(990, shape()), kNoObject);
}

TEST_F(EmitterTest, AnAliasAsksForNoMemoryAndNeedsRoomInItsTarget) {
  Emitter bounded = emitter(1, 64 * kKiB);
  const ImageShape whole = intern(out_, TargetShape{.extent = {128, 128}, .tag = "t"});
  const ImageShape part = intern(out_, TargetShape{.extent = {64, 64}, .tag = "t"});
  const ObjectIndex target = bounded.image(whole);
  ASSERT_NE(target, kNoObject);
  const ObjectIndex alias = bounded.alias(part, target);
  ASSERT_NE(alias, kNoObject);
  EXPECT_EQ(out_.live_bytes(), whole.size);
  bounded.free(alias);
  bounded.free(target);
  EXPECT_EQ(out_.live_bytes(), 0u);
  const ObjectIndex small = bounded.image(part);
  EXPECT_EQ(bounded.alias(whole, small), kNoObject);
}

TEST_F(EmitterTest, BatchesThePrefixThatFits) {
  Emitter bounded = emitter(1, 1000);
  std::vector<ObjectIndex> objects;
  bounded.batch(std::array<Bytes, 4>{400, 300, 500, 10}, shape(), objects);
  ASSERT_EQ(objects.size(), 4u);
  EXPECT_EQ(out_.size_of(objects[0]), 400u);
  EXPECT_EQ(out_.size_of(objects[1]), 300u);
  EXPECT_EQ(objects[2], kNoObject);
  EXPECT_EQ(objects[3], kNoObject);
  bounded.batch(std::array<Bytes, 2>{301, 1}, shape(), objects);
  EXPECT_EQ(objects.size(), 6u);
  EXPECT_EQ(out_.trace().events.size(), 1u) << "an empty batch is no event";
}

TEST_F(EmitterTest, ReusesTheIdThatWasFreedLast) {
  Emitter all = emitter(1);
  const ObjectIndex a = all.buffer(1, shape());
  const ObjectIndex b = all.buffer(1, shape());
  all.free(a);
  all.free(b);
  const ObjectIndex c = all.buffer(1, shape());
  EXPECT_EQ(out_.trace().objects[c].id, out_.trace().objects[b].id);
  EXPECT_NE(c, b) << "a new object all the same";
}

TEST_F(EmitterTest, FreesInOrderOverTheFrames) {
  Emitter all = emitter(1);
  std::vector<ObjectIndex> objects;
  for (int i = 0; i < 5; ++i) objects.push_back(all.buffer(1, shape()));
  all.free_over_frames(objects, 2);
  std::string order;
  for (const Event& event : out_.trace().events) {
    if (event.op != Op::buffer) order += event.op == Op::frame ? 'f' : static_cast<char>('0' + event.object);
  }
  EXPECT_EQ(order, "01f234f");
}

TEST_F(EmitterTest, DrainsEveryFrameInFlight) {
  Emitter all = emitter(1);
  all.drain();
  EXPECT_EQ(out_.frame_count(), out_.frames_in_flight() + 1);
}

TEST_F(EmitterTest, FreeOverNoFramesDies) {
  Emitter all = emitter(1);
  EXPECT_DEATH(all.free_over_frames({}, 0), "at least one frame");
}

class FrameLoops : public ::testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(FramesInFlight, FrameLoops, ::testing::Values(0u, 1u, 2u, 3u, 16u));

TEST_P(FrameLoops, WriteConstantsThatNoFrameInFlightReads) {
  TraceBuilder out(GetParam());
  Emitter emitter(TestValues(generators().front(), {}).values(), out);
  emitter.frames();
  FrameLoop loop(emitter, 4096);
  loop.run(200);
  std::vector<std::uint64_t> last_written(out.trace().objects.size(), 0);
  std::uint64_t frame = 0;
  std::uint64_t copied = 0;
  std::uint64_t reads = 0;
  for (const Event& event : out.trace().events) {
    if (event.op == Op::frame) frame = event.frame();
    if (event.op == Op::write) {
      EXPECT_TRUE(last_written[event.object] == 0 || frame >= last_written[event.object] + GetParam());
      last_written[event.object] = frame;
    }
    if (event.op == Op::copy) copied = frame;
    if (event.op == Op::read) {
      ++reads;
      EXPECT_EQ(frame, copied + GetParam()) << "results are read when the frame that made them is over";
    }
  }
  EXPECT_GE(reads, 3u);
  loop.shutdown();
  EXPECT_EQ(out.live_bytes(), 0u);
}

}  // namespace
}  // namespace vkmembench::testing
